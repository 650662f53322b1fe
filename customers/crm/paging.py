"""The ways through a JSON list that is spread over pages: one class and one line here for each. Pure.

A step says where the page at a cursor lies, and from the page's answer where the next one is. The cursor holds
whatever the next step has to know, so that another worker can take it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import jmespath
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from jmespath.exceptions import JMESPathError

from customers.crm.asking import same_host
from customers.crm.pages import ConnectionConfig, CrmRejected, PaginationLoop


@dataclass(frozen=True)
class Answered:
    """A page as it came: from which address, with which headers, holding what."""

    url: str
    headers: Mapping[str, str]
    document: Any
    records: list[Any]


class Pagination(Protocol):
    """One way through the pages."""

    @property
    def label(self) -> str | Promise: ...

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the connection that it cannot do without."""

    @property
    def is_steady(self) -> bool:
        """Whether a row that is added or removed meanwhile cannot push another one past us."""

    def address(self, config: ConnectionConfig, cursor: str, query: Mapping[str, str]) -> str: ...

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None: ...


class Cursor:
    label = _("a cursor in the answer")
    fields = ("next_cursor_path", "cursor_param")
    is_steady = True

    def address(self, config: ConnectionConfig, cursor: str, query: Mapping[str, str]) -> str:
        return with_query(config.url, {**query, config.cursor_param: cursor})

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None:
        found = as_cursor(search(config.next_cursor_path, answered.document))
        if found is not None and found == cursor:
            raise PaginationLoop
        return found


class NextUrl:
    label = _("the next page's address in the answer")
    fields: tuple[str, ...] = ("next_cursor_path",)
    is_steady = True

    def address(self, config: ConnectionConfig, cursor: str, query: Mapping[str, str]) -> str:
        return cursor or with_query(config.url, query)

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None:
        found = as_cursor(search(config.next_cursor_path, answered.document))
        return self._checked(config, answered, found)

    def _checked(self, config: ConnectionConfig, answered: Answered, link: str | None) -> str | None:
        if link is None:
            return None
        url = same_host(config, answered.url, link)
        if url == answered.url:
            raise PaginationLoop
        return url


class LinkHeader(NextUrl):
    label = _("a Link header")
    fields = ()

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None:
        return self._checked(config, answered, next_link(answered.headers.get("Link", "")))


class Offset:
    """Up to an empty page: a short one may only mean that the CRM gives fewer at a time than we asked for."""

    label = _("how many to skip")
    fields = ("cursor_param",)
    is_steady = False

    def address(self, config: ConnectionConfig, cursor: str, query: Mapping[str, str]) -> str:
        return with_query(config.url, {**query, config.cursor_param: self._place(cursor)[0]})

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None:
        place, former = self._place(cursor)
        if not answered.records:
            return None
        mark = fingerprint(answered.records)
        if mark == former:
            raise PaginationLoop  # it ignores the parameter, or repeats its last page for ever
        return f"{self._after(int(place), answered)}|{mark}"

    def _place(self, cursor: str) -> tuple[str, str]:
        place, _bar, former = (cursor or self._start()).partition("|")
        if not place.isdecimal():
            raise CrmRejected("bad_cursor")
        return place, former

    def _start(self) -> str:
        return "0"

    def _after(self, place: int, answered: Answered) -> int:
        return place + len(answered.records)


class PageNumber(Offset):
    label = _("page numbers")

    def _start(self) -> str:
        return "1"

    def _after(self, place: int, answered: Answered) -> int:
        return place + 1


class Keyset:
    """After the last id, in the order of ids: nothing that moves meanwhile can be missed."""

    label = _("after the last id")
    fields = ("cursor_param",)
    is_steady = True

    def address(self, config: ConnectionConfig, cursor: str, query: Mapping[str, str]) -> str:
        return with_query(config.url, {**query, config.cursor_param: cursor})

    def following(self, config: ConnectionConfig, cursor: str, answered: Answered) -> str | None:
        if not answered.records:
            return None
        last = as_cursor(search(config.id_path, answered.records[-1]))
        if last is None:
            raise CrmRejected("bad_cursor")
        if last == cursor:
            raise PaginationLoop
        return last


PAGINATIONS: dict[str, Pagination] = {
    "cursor": Cursor(),
    "page": PageNumber(),
    "offset": Offset(),
    "link_header": LinkHeader(),
    "next_url": NextUrl(),
    "keyset": Keyset(),
}


def with_query(url: str, query: Mapping[str, str]) -> str:
    """`url` with these parameters; those without name or value are left out, those of the same name replaced."""
    wanted = {name: value for name, value in query.items() if name and value}
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in wanted]
    return urlunsplit(parts._replace(query=urlencode([*kept, *wanted.items()])))


_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$%&\'*+.^`|~-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))', re.IGNORECASE)


def next_link(header: str) -> str | None:
    """The target of the link whose relation is “next” (RFC 8288, 3), None without one."""
    for target, parameters in _LINK.findall(header):
        relation = _REL.search(parameters)  # the first counts, RFC 8288, 3.3
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return str(target)
    return None


def search(expression: str, document: Any) -> Any:
    """What a JMESPath expression finds, None where it finds or can find nothing."""
    try:
        return jmespath.search(expression, document) if expression else None
    except JMESPathError:
        return None


def as_cursor(value: Any) -> str | None:
    """What leads on, as text; None on the last page. Raises CrmRejected for what cannot."""
    if value is None or value is False or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CrmRejected("bad_cursor")
    return str(value)


def fingerprint(records: list[Any]) -> str:
    """Equal for equal pages."""
    return sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()[:16]
