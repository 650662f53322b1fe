"""Microsoft Dataverse (Dynamics 365) with change tracking.

A read of everything ends with a link to what changes from then on; the next run begins there and is told who has
been deleted as well. The link is kept as a bookmark, which counts once the run has succeeded. One that has expired
means reading everything again.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from customers.crm import asking
from customers.crm.options import Option, are_names, is_name, listed, option
from customers.crm.pages import ConnectionConfig, CrmRejected, Page, PaginationLoop

NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"
EXPIRED = (400, 410)


class Dataverse:
    """`url` is the organisation's Web API: https://example.crm4.dynamics.com/api/data/v9.2"""

    label = _("Microsoft Dataverse (Dynamics 365)")
    about = _("Contacts or accounts of Dynamics 365. Its table needs “Track changes” switched on.")
    example = "https://example.crm4.dynamics.com/api/data/v9.2"
    fields = ("url", "page_size")
    options = (
        Option("object", _("table"), _("Its name in addresses: contacts, accounts."), "contacts", check=is_name),
        Option(
            "fields",
            _("columns"),
            _("Those that the mapping below needs, with commas: fullname, telephone1"),
            "contactid, fullname, telephone1, mobilephone, emailaddress1",
            check=are_names,
        ),
    )
    auths = ("client_credentials", "refresh_token", "bearer")
    id_path = "contactid"
    reads_changes = True

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page at `cursor`, a link of Dataverse's. Raises CrmUnavailable or CrmRejected."""
        bookmark = config.bookmarks.newest() if config.bookmarks and since and not cursor else ""
        url = asking.same_host(config, config.url, cursor or bookmark or self._start(config))
        prefer = {"Prefer": f"odata.track-changes,odata.maxpagesize={config.page_size}", "OData-Version": "4.0"}
        answer = asking.ask(config, url, headers=prefer, allowed=EXPIRED if bookmark else ())
        is_expired = answer.status in EXPIRED
        if is_expired:
            url = self._start(config)
            answer = asking.ask(config, url, headers=prefer)
        document = asking.read_json(answer.body)
        rows = asking.members(document, "value")
        following = self._following(config, url, document)
        if following is None and config.bookmarks and isinstance(document.get(DELTA), str):
            config.bookmarks.keep(until, document[DELTA])
        gone = [row for row in rows if _is_deleted(row)]
        kept = [row for row in rows if not _is_deleted(row)]
        is_everything = not cursor and (is_expired or not bookmark)
        ids = tuple(str(row.get("id")) for row in gone)
        return Page(kept, following, tombstones=ids, is_everything=is_everything)

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The row with this id. Raises CrmUnavailable or CrmRejected."""
        table, columns = self._table(config)
        return asking.ask_for_one(config, f"{table}({quote(external_id, safe='-')})?$select={columns}")

    def _following(self, config: ConnectionConfig, url: str, document: dict[str, Any]) -> str | None:
        link = document.get(NEXT)
        if link is None:
            return None
        if not isinstance(link, str):
            raise CrmRejected("bad_cursor")
        following = asking.same_host(config, url, link)
        if following == url:
            raise PaginationLoop
        return following

    def _start(self, config: ConnectionConfig) -> str:
        table, columns = self._table(config)
        return f"{table}?$select={columns}"

    def _table(self, config: ConnectionConfig) -> tuple[str, str]:
        name = option(self.options, dict(config.options), "object")
        columns = option(self.options, dict(config.options), "fields")
        if is_name(name) or are_names(columns):
            raise CrmRejected("bad_option")
        return f"{config.url.rstrip('/')}/{name}", ",".join(listed(columns))


def _is_deleted(row: Any) -> bool:
    """As change tracking reports it (OData 4.0, “deleted entity”)."""
    return isinstance(row, dict) and str(row.get("@odata.context", "")).endswith("$deletedEntity")
