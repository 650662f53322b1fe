"""What a source's answer says: JSON read into named, typed values by JMESPath. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jmespath
import orjson
from jmespath.parser import ParsedResult

from contactcenter.foundation.values import READERS, NotOfType, Value, read
from contactcenter.foundation.words import Said
from contactcenter.foundation.words import to_translate as _

LONGEST_EXPRESSION = 300

OK, NOT_FOUND, TIMEOUT, ERROR = "ok", "not_found", "timeout", "error"
"""How a question to a source ends."""


class ExpressionError(Said):
    """This variable could not be read on a live call; the text says why."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One value in the answer: where it stands, its type, and what it is when it is not there."""

    name: str
    path: ParsedResult
    type: str
    default: Value | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer understood. `problems` says, by variable, what could not be read; `detail` why all failed."""

    status: str
    values: Mapping[str, Value] = field(default_factory=dict)
    problems: Mapping[str, Said] = field(default_factory=dict)
    content: Any = None
    detail: str = ""


def compile_variable(entry: Mapping[str, Any]) -> Variable:
    """A variable of a data source, from its entry in the document. Raises ExpressionError."""
    kind = entry["type"]
    if kind not in READERS:
        raise ExpressionError(_("“%(kind)s” is no type of value."), kind=kind)
    try:
        default = read(entry.get("default"), kind)
    except NotOfType as error:
        raise ExpressionError(
            _("What stands in for a missing value is of another type: %(kind)s is expected."), kind=error
        ) from error
    return Variable(entry["name"], _compiled(entry["expression"]), kind, default)


def _compiled(expression: str) -> ParsedResult:
    if not 0 < len(expression) <= LONGEST_EXPRESSION:
        raise ExpressionError(_("An expression has between 1 and %(most)d characters."), most=LONGEST_EXPRESSION)
    try:
        return jmespath.compile(expression)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(_("This is no JMESPath expression. A simple one: customer.loyalty.status")) from error


def read_answer(status: int, body: bytes, variables: Sequence[Variable]) -> Reading:
    """The values in an answer. Not found (404) leaves the defaults, a failure leaves nothing."""
    if status == 404:
        return Reading(NOT_FOUND, _known({each.name: each.default for each in variables}))
    if not 200 <= status < 300:
        return Reading(ERROR, detail=f"http {status}")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Reading(ERROR, detail="not json")
    return read_content(content, variables)


def read_content(content: Any, variables: Sequence[Variable]) -> Reading:
    """The values in decoded JSON. One that cannot be read is missing, and named in `problems`."""
    values: dict[str, Value | None] = {}
    problems: dict[str, Said] = {}
    for variable in variables:
        try:
            values[variable.name] = read(variable.path.search(content), variable.type)
        except NotOfType as error:
            problems[variable.name] = Said(
                _("The answer has another type of value there: %(kind)s is expected."), kind=error
            )
        # JMESPath raises ValueError by its own word, the others where the answer has an unforeseen shape.
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError):
            problems[variable.name] = Said(_("The expression does not suit the answer."))
        if values.get(variable.name) is None:
            values[variable.name] = variable.default
    return Reading(OK, _known(values), problems, content)


def _known(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
