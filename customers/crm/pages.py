"""What every connector is given, gives back, and may raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

StrOrPromise = str | Promise


@dataclass(frozen=True)
class ConnectionConfig:
    """How one CRM is read: the connection's settings without the database behind them."""

    url: str
    token: str = field(repr=False)
    records_path: str
    next_cursor_path: str
    count_path: str
    cursor_param: str
    page_size_param: str
    page_size: int
    updated_since_param: str


@dataclass(frozen=True)
class Page:
    """Some records of the CRM; `next_cursor` is None on the last page, `expected` how many there are in all."""

    records: list[Any]
    next_cursor: str | None
    expected: int | None = None


class Connector(Protocol):
    """One kind of CRM. Keeps nothing between pages, so that any worker can go on from any cursor."""

    @property
    def label(self) -> StrOrPromise:
        """What supervisors call this kind of CRM."""

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page at `cursor` ("" is the first) of what changed between `since` and `until`."""


class CrmError(Exception):
    """A page could not be had. The text is for a supervisor; it holds no token, address or number."""

    texts: ClassVar[Mapping[str, StrOrPromise]] = {}

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def __str__(self) -> str:
        text = str(self.texts.get(self.code, _("The CRM could not be read.")))
        return f"{text} ({self.detail})" if self.detail else text


class CrmUnavailable(CrmError):
    """Trying again may heal it, not before `retry_after` seconds if the CRM said so."""

    texts = {
        "unreachable": _("The CRM could not be reached."),
        "busy": _("The CRM asked us to wait."),
        "server_error": _("The CRM had an error of its own."),
        "not_json": _("The CRM answered with a web page instead of data."),
        "truncated": _("The CRM's answer broke off or was not JSON."),
    }

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class CrmRejected(CrmError):
    """Trying again will not heal it: a setting or the CRM has to change."""

    texts = {
        "not_allowed": _("The address of the CRM cannot be used."),
        "token_refused": _("The CRM refused our token."),
        "refused": _("The CRM refused the question."),
        "no_records": _("There is no list of customers where the connection says."),
        "bad_cursor": _("What should be the next page's cursor is neither text nor a number."),
        "loop": _("The CRM came back to a page that we had read."),
    }


class PaginationLoop(CrmRejected):
    """The CRM leads us round in circles."""

    def __init__(self) -> None:
        super().__init__("loop")
