"""Salesforce by its REST API: pages by the last row seen, so that neither equal times nor a lost cursor lose a row.

Everything is read in the order of ids, which never change; where that is much, by a job of the Bulk API instead. What
has changed is read in the order of (SystemModstamp, Id): a time alone is not unique. No cursor of Salesforce's own is
needed; those end after a while.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import http
from customers.crm import asking, salesforce_bulk
from customers.crm.options import Option, are_names, is_name, listed, option
from customers.crm.pages import ConnectionConfig, CrmRejected, CrmUnavailable, Page, PaginationLoop

MOST_AT_ONCE = 2000
QUOTA_WAIT_S = 3600.0
"""When a day's calls are used up: the day is a sliding one, so that some come back with each hour."""
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_VERSION = re.compile(r"\d{2,3}\.0", re.ASCII)


class Salesforce:
    """`url` is the company's own: https://example.my.salesforce.com"""

    label = _("Salesforce")
    about = _("Contacts, accounts or any other object of a Salesforce organisation.")
    example = "https://example.my.salesforce.com"
    fields = ("url", "page_size")
    options = (
        Option("object", _("object"), _("Contact, Account, Lead, or one of your own."), "Contact", check=is_name),
        Option(
            "fields",
            _("fields"),
            _("Those that the mapping below needs, with commas: Name, Phone, Account.Tier__c"),
            "Name, Phone, MobilePhone, Email",
            check=are_names,
        ),
        Option(
            "version",
            _("API version"),
            _("Such as 62.0."),
            "62.0",
            check=lambda text: "" if _VERSION.fullmatch(text) else _("Such as 62.0."),
        ),
    )
    auths = ("jwt_bearer", "client_credentials", "refresh_token", "bearer")
    id_path = "Id"
    reads_changes = True

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page after the row that `cursor` names, or of a job. Raises CrmUnavailable or CrmRejected."""
        if salesforce_bulk.is_cursor(cursor):
            return salesforce_bulk.fetch(partial(self._ask, config), cursor)
        page = self._rows(config, cursor, since, until)
        if page.next_cursor is None or cursor or since or config.is_trial:
            return page
        return self._first_of_many(config, page)

    def _rows(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        size = min(config.page_size, MOST_AT_ONCE)
        order = "SystemModstamp, Id" if since else "Id"
        soql = f"{self._soql(config, _condition(cursor, since, until))} ORDER BY {order} LIMIT {size}"
        # queryAll also finds what has been deleted, for as long as it lies in the recycle bin.
        document = self._query(config, soql, "queryAll" if since else "query")
        rows = asking.members(document, "records")
        if document.get("done") is not True and not rows:
            raise CrmUnavailable("truncated")
        is_last = document.get("done") is True and len(rows) < size
        following = None if is_last else _place(rows[-1])
        if following is not None and following == cursor:
            raise PaginationLoop
        gone = [row for row in rows if isinstance(row, dict) and row.get("IsDeleted") is True]
        kept = [row for row in rows if row not in gone] if gone else rows
        return Page(kept, following, tombstones=tuple(str(row.get("Id")) for row in gone))

    def _first_of_many(self, config: ConnectionConfig, page: Page) -> Page:
        """That page with the number of all, or where there are too many of them: a job, which begins with them, too."""
        count = self._query(config, f"SELECT COUNT() FROM {self._table(config)}").get("totalSize")  # noqa: S608 - checked
        expected = count if isinstance(count, int) else None
        if expected is not None and expected >= salesforce_bulk.FROM:
            job = salesforce_bulk.start(partial(self._ask, config), self._soql(config, ""))
            if job is not None:
                return Page([], job, expected)
        return replace(page, expected=expected)

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The row with this id. Raises CrmUnavailable or CrmRejected."""
        if not _ID.fullmatch(external_id):
            return None
        found = self._query(config, self._soql(config, f"Id = '{external_id}'"))
        return next(iter(asking.members(found, "records")), None)

    def _soql(self, config: ConnectionConfig, condition: str) -> str:
        names = listed(option(self.options, dict(config.options), "fields"))
        wanted = list(dict.fromkeys(["Id", "SystemModstamp", "IsDeleted", *names]))
        if are_names(", ".join(wanted)):
            raise CrmRejected("bad_option")
        where = f" WHERE {condition}" if condition else ""
        # Names and ids have been checked, times are made here.
        return f"SELECT {', '.join(wanted)} FROM {self._table(config)}{where}"  # noqa: S608 - checked

    def _table(self, config: ConnectionConfig) -> str:
        name = option(self.options, dict(config.options), "object")
        if is_name(name):
            raise CrmRejected("bad_option")
        return name

    def _query(self, config: ConnectionConfig, soql: str, verb: str = "query") -> dict[str, Any]:
        said = asking.read_json(self._ask(config, f"{verb}?{urlencode({'q': soql})}").body)
        if not isinstance(said, dict):
            raise CrmRejected("no_records")
        return said

    def _ask(
        self,
        config: ConnectionConfig,
        path: str,
        *,
        body: Any = None,
        accept: str = "application/json",
        allowed: tuple[int, ...] = (),
    ) -> http.Answer:
        version = quote(option(self.options, dict(config.options), "version"), safe="")
        url = f"{config.url.rstrip('/')}/services/data/v{version}/{path}"
        answer = asking.ask(config, url, body=body, headers={"Accept": accept}, allowed=(403, *allowed))
        if answer.status == 403 and b"REQUEST_LIMIT_EXCEEDED" in answer.body:
            raise CrmUnavailable("busy", "REQUEST_LIMIT_EXCEEDED", retry_after=QUOTA_WAIT_S)
        if answer.status not in allowed:
            asking.check_status(answer)
        return answer


def _condition(cursor: str, since: datetime | None, until: datetime) -> str:
    """What is still to come after the row that `cursor` names."""
    stamp, row_id = _read(cursor)
    if since is None:
        return f"Id > '{row_id}'" if row_id else ""
    bound = f"SystemModstamp <= {_time(until)}"
    if not row_id:
        return f"SystemModstamp >= {_time(since)} AND {bound}"
    return f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{row_id}')) AND {bound}"


def _read(cursor: str) -> tuple[str, str]:
    """Time and id of the last row; checked, for they are put into a query."""
    if not cursor:
        return "", ""
    try:
        stamp, row_id = json.loads(cursor)
        moment = datetime.fromisoformat(stamp.replace("+0000", "+00:00"))
    except (ValueError, TypeError, AttributeError):
        raise CrmRejected("bad_cursor") from None
    if not _ID.fullmatch(row_id):
        raise CrmRejected("bad_cursor")
    return _time(moment), row_id


def _place(row: Any) -> str:
    stamp, row_id = (row.get("SystemModstamp"), row.get("Id")) if isinstance(row, dict) else (None, None)
    if not isinstance(stamp, str) or not isinstance(row_id, str) or not _STAMP.fullmatch(stamp):
        raise CrmRejected("bad_cursor")
    return json.dumps([stamp, row_id])


def _time(moment: datetime) -> str:
    """As SOQL writes a time: in milliseconds, rounded up so that no row of the window's last moment is left out."""
    utc = moment.astimezone(UTC)
    if utc.microsecond % 1000:
        utc += timedelta(microseconds=1000 - utc.microsecond % 1000)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
