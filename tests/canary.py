"""Whatever a test makes us log, it holds no phone number and no secret: else that test fails.

The people of the tests have numbers of one exchange, and keys and secrets that stand nowhere else: canaries.
Looked at are the lines of the tests' own process, as they would be written; what the processes that a test
starts write to standard error; and their files in the test's folder, named `log` or `*.log`.
"""

import logging
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from contactcenter.foundation.logs import logging_config

EXCHANGE = "3902555"
"""All numbers of the tests begin so."""

SECRETS = ("a-live-secret", "the-secret-before", "the-stored-token", "the-crm-token", "correct horse")
"""What the tests sign with, ask with and sign in with. A stand-in with another one puts it here."""

_UNMASKED = re.compile(
    rf"(?:\+|%2B)\d{{8,}}|{EXCHANGE}\d{{3,}}|cc_[\w-]{{43}}|" + "|".join(re.escape(each) for each in SECRETS)
)
_OF_THE_DEPLOYMENT = ("SECRET_KEY", "DECISION_ID_KEY", "FIELD_ENCRYPTION_KEYS")


def leaks(text: str, said_by: str) -> Iterator[str]:
    """Who said what, without the number or the secret itself, for each line of `text` that holds one."""
    for line in text.splitlines():
        if _cleaned(line) != line:
            yield _cleaned(_logger_and_event(line) or f"{said_by}: {line}")[:200]


def _cleaned(text: str) -> str:
    text = _UNMASKED.sub("[...]", text)
    for name in _OF_THE_DEPLOYMENT:
        text = text.replace(os.environ.get(name) or "\0", "[...]")
    return text


def _logger_and_event(line: str) -> str:
    """Of one of our own lines; "" for anything else."""
    try:
        entry = orjson.loads(line)
        return f"{entry['logger']}: {entry['event']}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


class Watch(logging.Handler):
    """Reads every line from INFO on as our own formatter writes it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        how: dict[str, Any] = logging_config("INFO")["formatters"]["json"]
        self.setFormatter(structlog.stdlib.ProcessorFormatter(**{name: how[name] for name in how if name != "()"}))
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found += leaks(self.format(record), record.name)

    def take(self) -> list[str]:
        """What was found since it was last asked."""
        found, self.found = self.found, []
        return found


_watch = Watch()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before each test: some tests set up logging anew."""
    if _watch not in logging.getLogger().handlers:
        logging.getLogger().addHandler(_watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a test and its fixtures have ended, it fails if anything got out."""
    report = yield
    if report.when == "teardown":
        found = [*_watch.take(), *leaks(report.capstderr, "standard error"), *_in_files_of(item)]
        if found:
            report.outcome = "failed"
            report.longrepr = "\n".join(["A number or a secret was logged:", *dict.fromkeys(found)])
    return report


def _in_files_of(item: pytest.Item) -> Iterator[str]:
    folder: Path | None = getattr(item, "funcargs", {}).get("tmp_path")
    for pattern in ("log", "*.log", "*/log", "*/*.log") if folder else ():
        for path in Path(str(folder)).glob(pattern):
            if path.is_file():
                yield from leaks(path.read_text(errors="replace"), path.name)
