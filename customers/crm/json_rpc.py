"""What the CRMs that are asked by JSON-RPC have in common: the call, and pages after the last id."""

import re
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.crm import asking
from customers.crm.options import Option, are_names
from customers.crm.pages import ConnectionConfig, CrmRejected, Page, PaginationLoop

MODEL_HELP = _("Its name inside the CRM, such as res.partner or party.party.")
FIELDS_HELP = _("Those that the mapping below needs, with commas.")
ACTIVE = "active"
WITH_ARCHIVED = {"active_test": False}
"""The context of a search for all. Both CRMs would add “is active” to each part of a domain that does not name it."""

DATABASE = Option("database", _("database"), _("The name of the CRM's database."), is_required=True)


def model(default: str) -> Option:
    """Which kind of record."""
    return Option("object", _("model"), MODEL_HELP, default, check=are_names)


def fields(default: str) -> Option:
    """Which fields of it."""
    return Option("fields", _("fields"), FIELDS_HELP, default, check=are_names)


def call(config: ConnectionConfig, url: str, method: str, params: Any, **version: str) -> Any:
    """The result of a call. An error inside an answer of status 200 is an error, too. Raises as `ask` does."""
    said = asking.ask_json(config, url, body={"id": 1, "method": method, "params": params, **version})
    if not isinstance(said, dict) or "result" not in said or said.get("error"):
        raise CrmRejected("refused", _name_of(said.get("error")) if isinstance(said, dict) else "")
    return said["result"]


_NAME = re.compile(r"[A-Za-z_.]{1,80}", re.ASCII)


def _name_of(error: Any) -> str:
    """The class of the CRM's error; its message may repeat what was asked."""
    name = error[0] if isinstance(error, list) and error else None
    if isinstance(error, dict) and isinstance(error.get("data"), dict):
        name = error["data"].get("name")
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def after(cursor: str) -> int:
    """The id after which the page begins."""
    if cursor and not cursor.isdecimal():
        raise CrmRejected("bad_cursor")
    return int(cursor or 0)


def page_of(rows: Any, size: int, after_id: int) -> Page:
    """The page, and the id that the next one begins after; none after a short one, for these CRMs keep to the limit."""
    if not isinstance(rows, list):
        raise CrmRejected("no_records")
    if len(rows) < size:
        return Page(rows, None)
    last = rows[-1].get("id") if isinstance(rows[-1], dict) else None
    if isinstance(last, bool) or not isinstance(last, int):
        raise CrmRejected("bad_cursor")
    if last <= after_id:
        raise PaginationLoop
    return Page(rows, str(last))


class InOrderOfIds(ABC):
    """A CRM that is read by searching for ids after the last one; the abstract methods are its own words.

    Whoever is archived stays a record that is not active. A search leaves it out unless it is asked for; what has
    changed is asked for with it.
    """

    fields = ("url", "page_size")
    auths = ("basic",)
    id_path = "id"
    reads_changes = True

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The page after the id `cursor`. Raises CrmUnavailable or CrmRejected."""
        after_id = after(cursor)
        domain = [["id", ">", after_id], *(self._changed(since) if since else [])]
        with_archived = since is not None and self._can_archive(config)
        rows = self._read(config, domain, config.page_size, with_archived=with_archived)
        page = page_of(rows, config.page_size, after_id)
        # Tryton on SQLite says 0 for no.
        gone = [row for row in page.records if with_archived and isinstance(row, dict) and not row.get(ACTIVE, True)]
        kept = [row for row in page.records if row not in gone] if gone else page.records
        return replace(page, records=kept, tombstones=tuple(str(row.get("id")) for row in gone))

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        """The record with this id. Raises CrmUnavailable or CrmRejected."""
        if not external_id.isdecimal():
            return None
        rows = self._read(config, [["id", "=", int(external_id)]], 1)
        return next(iter(page_of(rows, 2, 0).records), None)

    @abstractmethod
    def _read(self, config: ConnectionConfig, domain: list[Any], limit: int, *, with_archived: bool = False) -> Any:
        """The rows that `domain` describes, in the order of ids; `with_archived` each says whether it is active."""

    @abstractmethod
    def _changed(self, since: datetime) -> list[Any]:
        """The part of a domain: changed or made since then, for a row never edited may have no time of a change."""

    @abstractmethod
    def _described(self, config: ConnectionConfig, name: str) -> Any:
        """What the CRM says of this field of the model, by name; empty where there is none."""

    def _can_archive(self, config: ConnectionConfig) -> bool:
        """Whether the model has archived records."""
        described = self._described(config, ACTIVE)
        return isinstance(described, dict) and ACTIVE in described
