"""What every connector is given, gives back, and may raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.crm.options import Option

StrOrPromise = str | Promise


class Credentials(Protocol):
    """How we identify ourselves to a CRM."""

    def headers(self) -> Mapping[str, str]:
        """What to send with a question. Raises CrmUnavailable or CrmRejected when no token is to be had."""

    def renew(self) -> bool:
        """The CRM refused what `headers` gave: whether there is something else to try now."""


class Bookmarks(Protocol):
    """Where the CRM said that later changes begin."""

    def newest(self) -> str:
        """The place behind the last run that succeeded; "" when there is none."""

    def keep(self, until: datetime, value: str) -> None:
        """The place behind the run up to `until`."""


@dataclass(frozen=True)
class ConnectionConfig:
    """How one CRM is read: the connection's settings without the database behind them."""

    url: str
    token: str = field(default="", repr=False)
    records_path: str = ""
    next_cursor_path: str = ""
    count_path: str = ""
    cursor_param: str = ""
    page_size_param: str = ""
    page_size: int = 200
    updated_since_param: str = ""
    pagination: str = "cursor"
    id_path: str = "id"
    options: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials | None = field(default=None, repr=False, compare=False)
    bookmarks: Bookmarks | None = field(default=None, repr=False, compare=False)
    connection_id: int | None = None
    is_trial: bool = False
    """Only the first page is wanted, soon, and nothing is to be kept of it."""


@dataclass(frozen=True)
class Page:
    """Some records of the CRM; `next_cursor` is None on the last page, `expected` how many there are in all.

    `complete` is False where a customer could be missing who is there; `tombstones` are ids of customers who are not.
    `is_everything`: changes were asked for, but this is a read of everything, by which who is missing counts as gone.
    """

    records: list[Any]
    next_cursor: str | None
    expected: int | None = None
    complete: bool = True
    tombstones: tuple[str, ...] = ()
    is_everything: bool = False


class Connector(Protocol):
    """One kind of CRM. Keeps nothing between pages, so that any worker can go on from any cursor."""

    @property
    def label(self) -> StrOrPromise:
        """What supervisors call this kind of CRM."""

    @property
    def about(self) -> StrOrPromise:
        """One sentence for the page on which a kind is chosen."""

    @property
    def example(self) -> str:
        """An address of such a CRM, to show what is to be typed."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a connection that this kind makes use of."""

    @property
    def options(self) -> tuple[Option, ...]:
        """What it wants to know besides."""

    @property
    def auths(self) -> tuple[str, ...]:
        """The ways to identify ourselves that it can use, the usual one first."""

    @property
    def id_path(self) -> str:
        """Where a record's id stands, as a rule."""

    @property
    def reads_changes(self) -> bool:
        """Whether it can always be asked for what has changed."""

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page at `cursor` ("" is the first) of what changed between `since` and `until`."""

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The record of one customer, None when the CRM has none. Raises CannotFetchOne where it cannot be asked."""


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
        "truncated": _("The CRM's answer broke off or was not of the kind expected."),
        "preparing": _("The CRM is still putting the records together."),
        "token_awaited": _("Somebody else is asking for a new token, and it has not come yet."),
    }

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class CrmRejected(CrmError):
    """Trying again will not heal it: a setting or the CRM has to change."""

    texts = {
        "not_allowed": _("The address of the CRM cannot be used."),
        "token_refused": _("The CRM refused our token."),
        "grant_refused": _("The CRM did not grant a token."),
        "bad_key": _("The secret is not a private key in PEM form."),
        "refused": _("The CRM refused the question."),
        "no_records": _("There is no list of customers where the connection says."),
        "bad_cursor": _("What should lead to the next page is neither text nor a number."),
        "elsewhere": _("The CRM's next page lies on another host: our token is not sent there."),
        "job_failed": _("The CRM gave up putting the records together."),
        "bad_option": _("A setting of the connection cannot be used."),
        "bad_text": _("The CRM's text file cannot be read."),
        "replaced": _("The file was replaced while it was being read. The next sync reads the new one."),
        "no_parts": _("The file is larger than 32 MB, and its web server does not hand it out in parts (HTTP ranges)."),
        "no_list": _("The uploaded list is no longer there. Upload it again."),
        "too_large": _("The CRM's answer is larger than 32 MB. Ask for fewer customers at once."),
        "loop": _("The CRM came back to a page that we had read."),
    }


class PaginationLoop(CrmRejected):
    """The CRM leads us round in circles."""

    def __init__(self) -> None:
        super().__init__("loop")


class CannotFetchOne(Exception):
    """This kind of CRM cannot be asked for one customer."""
