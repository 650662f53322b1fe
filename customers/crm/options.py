"""What a kind of CRM, or a way to identify ourselves, wants to know besides.

Each kind names its own: the admin makes a field of each, and a new one needs no migration.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

StrOrPromise = str | Promise


@dataclass(frozen=True)
class Option:
    """One more field of the form. `choices` makes a list of it; `check` says what is wrong with a value, or ""."""

    name: str
    label: StrOrPromise
    help: StrOrPromise
    default: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    check: Callable[[str], StrOrPromise] | None = None


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}(?:\.[A-Za-z_][A-Za-z0-9_]{0,99}){0,5}", re.ASCII)


def is_name(text: str) -> StrOrPromise:
    """What is wrong with a name of the CRM's own, such as of a table."""
    return "" if _NAME.fullmatch(text) else _("Letters, digits and _ only.")


def are_names(text: str) -> StrOrPromise:
    """What is wrong with a list of names."""
    wrong = [name for name in listed(text) if not _PATH.fullmatch(name)]
    return _("Names of fields with commas between them.") if wrong or not listed(text) else ""


def listed(text: str) -> list[str]:
    """The words between the commas."""
    return [word for part in text.split(",") if (word := part.strip())]


def option(options: Iterable[Option], given: dict[str, str] | None, name: str) -> str:
    """What was given for one of the options, or its default."""
    defaults = {each.name: each.default for each in options}
    return str((given or {}).get(name) or defaults.get(name, ""))
