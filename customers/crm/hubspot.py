"""HubSpot by its search API, in the order of ids.

A search gives at most 10,000 results, and a batch update stamps more than that with one time: a way by time and
page would go round in circles there. So each page is a search of its own, for ids after the last one.

A search does not find who is gone: HubSpot lists those of the last 90 days apart. A read of changes goes through that
list, too, which has no order that could cut it short.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _

from customers.crm import asking
from customers.crm.options import Option, are_names, is_name, listed, option
from customers.crm.pages import ConnectionConfig, CrmRejected, Page, PaginationLoop

MOST_AT_ONCE, MOST_LISTED = 200, 100
GONE = "archived:"
"""Begins a cursor in the list of those who are gone."""
ID = "hs_object_id"


class HubSpot:
    """`url` is https://api.hubapi.com; the token that of a private app, or granted by OAuth 2."""

    label = _("HubSpot")
    about = _("Contacts or companies of a HubSpot account.")
    example = "https://api.hubapi.com"
    fields = ("url", "page_size")
    options = (
        Option("object", _("object"), _("contacts, companies, or one of your own."), "contacts", check=is_name),
        Option(
            "fields",
            _("properties"),
            _("Those that the mapping below needs, with commas: firstname, phone, loyalty_tier"),
            "firstname, lastname, phone, mobilephone, email",
            check=are_names,
        ),
    )
    auths = ("bearer", "refresh_token")
    id_path = "id"
    reads_changes = True

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page after the id `cursor`. Raises CrmUnavailable or CrmRejected.

        `until` is not sent: a row that changes while we read would leave the window and be missed.
        """
        if since and cursor.startswith(GONE):
            return self._gone(config, cursor.removeprefix(GONE), since)
        if cursor and not cursor.isdecimal():
            raise CrmRejected("bad_cursor")
        size = min(config.page_size, MOST_AT_ONCE)
        document = asking.ask_json(
            config, f"{self._objects(config)}/search", body=self._question(config, cursor, since, size)
        )
        rows = asking.members(document, "results")
        total = document.get("total")
        following = _last_id(rows) if len(rows) >= size else None
        if following is not None and int(following) <= int(cursor or 0):
            raise PaginationLoop
        if following is None and since:
            following = GONE
        # `total` counts what is still to come: only the first page's is the number of all.
        return Page(rows, following, total if isinstance(total, int) and not cursor else None)

    def _gone(self, config: ConnectionConfig, after: str, since: datetime) -> Page:
        """The page after the place `after` of those who are gone."""
        query = {"archived": "true", "limit": str(MOST_LISTED), **({"after": after} if after else {})}
        document = asking.ask_json(config, f"{self._objects(config)}?{urlencode(query)}")
        rows = asking.members(document, "results")
        following = _following(document)
        if following is not None and following == after:
            raise PaginationLoop
        gone = tuple(str(row["id"]) for row in rows if _went(row) >= since)
        return Page([], None if following is None else f"{GONE}{following}", tombstones=gone)

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The record with this id. Raises CrmUnavailable or CrmRejected."""
        query = urlencode({"properties": ",".join(self._properties(config))})
        return asking.ask_for_one(config, f"{self._objects(config)}/{quote(external_id, safe='')}?{query}")

    def _question(self, config: ConnectionConfig, cursor: str, since: datetime | None, size: int) -> dict[str, Any]:
        filters = [{"propertyName": ID, "operator": "GT", "value": cursor or "0"}]
        if since:
            changed = "lastmodifieddate" if self._object(config) == "contacts" else "hs_lastmodifieddate"
            value = str(int(since.timestamp() * 1000))
            filters.append({"propertyName": changed, "operator": "GTE", "value": value})
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
            "properties": self._properties(config),
            "limit": size,
        }

    def _objects(self, config: ConnectionConfig) -> str:
        return f"{config.url.rstrip('/')}/crm/v3/objects/{self._object(config)}"

    def _object(self, config: ConnectionConfig) -> str:
        name = option(self.options, dict(config.options), "object")
        if is_name(name):
            raise CrmRejected("bad_option")
        return name

    def _properties(self, config: ConnectionConfig) -> list[str]:
        return listed(option(self.options, dict(config.options), "fields"))


def _last_id(rows: list[Any]) -> str:
    last = rows[-1].get("id") if isinstance(rows[-1], dict) else None
    if not isinstance(last, str) or not last.isdecimal():
        raise CrmRejected("bad_cursor")
    return last


def _following(document: Any) -> str | None:
    """The place of the list's next page."""
    paging = document.get("paging")
    if not paging:
        return None
    try:
        return str(paging["next"]["after"])
    except (KeyError, TypeError):
        raise CrmRejected("bad_cursor") from None


def _went(row: Any) -> datetime:
    """When the record went into the archive."""
    try:
        moment = datetime.fromisoformat(row["archivedAt"])
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (KeyError, TypeError, ValueError):
        raise CrmRejected("no_records") from None
