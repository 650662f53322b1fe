"""A CRM, or an export of one, that lies as a CSV file at an address.

A large file is read in parts, each to the end of its last whole row. One that is the same as the one read last is
not read: its web server says so.
"""

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.crm import csv_file, csv_rows
from customers.crm.lists import ListError
from customers.crm.options import Option
from customers.crm.pages import CannotFetchOne, ConnectionConfig, CrmRejected, CrmUnavailable, Page

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

READ_BEFORE_LEFT_ALONE = 2
"""Nights on which a file is read: who is missing in it only counts as gone the second time."""


@dataclass(frozen=True)
class Place:
    """Where the next part begins, of which file, and how its rows are to be read."""

    at: int = 0
    etag: str = ""
    modified: str = ""
    columns: tuple[str, ...] = ()
    delimiter: str = ""

    @classmethod
    def read(cls, cursor: str) -> "Place":
        if not cursor:
            return cls()
        try:
            at, etag, modified, columns, delimiter = json.loads(cursor)
        except (ValueError, TypeError):
            raise CrmRejected("bad_cursor") from None
        return cls(at, etag, modified, tuple(columns), delimiter)


@dataclass(frozen=True)
class LastRead:
    """The file that was read last, how it was read, and how many times in a row."""

    etag: str = ""
    modified: str = ""
    settings: str = ""
    times: int = 0

    @classmethod
    def of(cls, config: ConnectionConfig) -> "LastRead":
        found = config.bookmarks.newest() if config.bookmarks else ""
        return cls(*json.loads(found)) if found else cls()

    def followed_by(self, version: csv_file.Version, settings: str) -> "LastRead":
        """What is to be known after a read of this file."""
        is_same = (self.etag, self.modified, self.settings) == (version.etag, version.modified, settings)
        return LastRead(version.etag, version.modified, settings, self.times + 1 if is_same else 1)


class CsvOverHttp:
    """The first line names the columns; a value is mapped by its column's name."""

    label = _("CSV file at an address")
    about = _("An export that lies on a web server, read anew each night unless it is the same.")
    example = "https://files.example.com/customers.csv"
    fields = ("url",)
    options = (
        Option(
            "delimiter",
            _("between the columns"),
            _("The mark that separates two values."),
            choices=(
                ("", _("find out")),
                ("comma", _("comma")),
                ("semicolon", _("semicolon")),
                ("tab", _("tab")),
                ("bar", _("vertical bar")),
            ),
        ),
        Option(
            "charset",
            _("letters"),
            _("How letters are written down. Find out: UTF-8, or else as Windows does in Western Europe."),
            choices=(
                ("", _("find out")),
                ("utf-8", "UTF-8"),
                ("cp1252", "Windows-1252"),
                ("iso-8859-15", "ISO 8859-15"),
                ("cp1250", "Windows-1250"),
                ("cp1251", "Windows-1251"),
                ("shift_jis", "Shift JIS"),
            ),
        ),
    )
    auths = ("none", "basic", "bearer", "header", "client_credentials")
    id_path = "id"
    reads_changes = True

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The part at `cursor`; nothing when the file is the same. Raises CrmUnavailable or CrmRejected."""
        place, last = Place.read(cursor), LastRead.of(config)
        settings = json.dumps([config.url, *sorted(config.options.items())])
        known = csv_file.NOTHING
        # Changes are only asked for after a read of everything that went well, under the same mapping.
        if since and not cursor and last.settings == settings and last.times >= READ_BEFORE_LEFT_ALONE:
            known = csv_file.Version(last.etag, last.modified)
        part = csv_file.fetch(config, place.at, csv_file.Version(place.etag, place.modified), known)
        if part is None:
            return Page([], None)
        page = _page(config, place, part)
        if page.next_cursor is None and config.bookmarks and part.version != csv_file.NOTHING:
            config.bookmarks.keep(until, json.dumps(astuple(last.followed_by(part.version, settings))))
        return page

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        raise CannotFetchOne


def _page(config: ConnectionConfig, place: Place, part: csv_file.Part) -> Page:
    """What stands in the part, and where the next one begins. Raises CrmUnavailable or CrmRejected."""
    if not place.at and part.content.lstrip()[:1] == b"<":
        raise CrmUnavailable("not_json")
    delimiter = place.delimiter or DELIMITERS.get(config.options.get("delimiter", ""), "")
    try:
        found = csv_rows.read(
            part.content, config.options.get("charset", ""), delimiter, place.columns, is_last=part.is_last
        )
    except ListError as error:
        raise (
            CrmUnavailable("truncated") if error.is_cut_off else CrmRejected("bad_text", str(error.reason))
        ) from None
    if part.is_last:
        return Page(found.records, None, len(found.records) if not place.at else None, is_everything=True)
    following = Place(place.at + found.taken, part.version.etag, part.version.modified, found.columns, found.delimiter)
    # As many in each byte of the rest as in this one: for the bar that shows how far the run is.
    expected = len(found.records) * part.size // found.taken if not place.at else None
    return Page(found.records, json.dumps(astuple(following)), expected, is_everything=True)
