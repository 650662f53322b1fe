"""What a problem is, and how things are called when one is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

ERROR, WARNING = "error", "warning"

Document = Mapping[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong with a document, in a supervisor's words.

    `path` leads to the place in the document (positions in lists count from 0, in `message` from 1).
    An error keeps the document from being published, a warning does not.
    """

    severity: str
    path: Path
    message: str


def error(path: Path, message: str) -> Problem:
    """A problem with which nobody may be routed."""
    return Problem(ERROR, path, message)


def warning(path: Path, message: str) -> Problem:
    """A problem that somebody may want as it is."""
    return Problem(WARNING, path, message)


def name_of(document: Document, kind: str, slug: str) -> str:
    """What people call a queue, flow, tier …; its short name when the document does not say."""
    row = document.get(kind, {}).get(slug, {})
    name: str = row.get("name", slug)
    return name


def branch_name(flow: Mapping[str, Any], position: int) -> str:
    """“Branch 3 “Silver””, for the branch at `position` (from 0)."""
    return _("Branch %(place)d “%(label)s”") % {
        "place": position + 1,
        "label": flow["branches"][position]["label"],
    }
