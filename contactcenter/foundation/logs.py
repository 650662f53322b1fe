"""Logs as JSON lines on standard error, with phone numbers and secrets masked at the source."""

import logging
import re
from typing import Any

import structlog

_NUMBER = re.compile(r"(\+|%2B|00)(\d{2})\d{3,11}(\d{2})(?!\d)")


def mask(text: str) -> str:
    """`text` with every phone number reduced to its country code and last two digits: +39******78."""
    return _NUMBER.sub(r"\1\2******\3", text)


def _mask_values(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: mask(value) if isinstance(value, str) else value for key, value in event.items()}


def _mask_everything(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    masked: structlog.typing.EventDict = mask_all(event)
    return masked


def mask_all(value: Any) -> Any:
    """`value` as it goes into JSON, with the numbers masked wherever in it they stand."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {mask(str(key)): mask_all(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_all(each) for each in value]
    return mask(value if isinstance(value, str) else repr(value))


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _mask_values,
]


_OURS: list[structlog.typing.Processor] = [
    structlog.stdlib.filter_by_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    *_SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
"""One list for ever: a logger that has been used keeps the list that it found."""


def logging_config(level: str) -> dict[str, Any]:
    """Django's LOGGING: one JSON formatter for our own lines and everybody else's."""
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _mask_everything,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level},
            "urllib3": {"level": "ERROR"},  # its warnings name whole addresses
            "amqp": {"level": "WARNING"},
        },
    }


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one module."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound


logging.captureWarnings(True)
