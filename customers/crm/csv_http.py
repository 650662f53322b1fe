"""A CRM, or an export of one, that lies as a CSV file at an address: one page with everything in it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.crm import asking
from customers.crm.lists import ListError, decoded, rows
from customers.crm.options import Option
from customers.crm.pages import CannotFetchOne, ConnectionConfig, CrmRejected, CrmUnavailable, Page

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


class CsvOverHttp:
    """The first line names the columns; a value is mapped by its column's name."""

    label = _("CSV file at an address")
    about = _("An export that lies on a web server, read anew each night.")
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
    reads_changes = False

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """Everything. Raises CrmUnavailable or CrmRejected."""
        answer = asking.ask(config, config.url, headers={"Accept": "text/csv, text/plain"})
        if answer.body.lstrip()[:1] == b"<":
            raise CrmUnavailable("not_json")
        try:
            text = decoded(answer.body, config.options.get("charset", ""))
            found = list(rows(text, DELIMITERS.get(config.options.get("delimiter", ""), "")))
        except ListError as error:
            raise (CrmUnavailable("truncated") if error.is_cut_off else CrmRejected("bad_text", str(error))) from None
        if found and found[-1].problem:
            raise CrmUnavailable("truncated")  # a file that is being written ends in the middle of a line
        # A bad line is left without an id, so that it is counted and set aside like any other bad record.
        records = [{} if row.problem else row.values for row in found]
        return Page(records, None, len(records))

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        raise CannotFetchOne
