"""A list that a supervisor pasted or uploaded, read like any CRM."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.crm.lists import ListError, rows
from customers.crm.options import Option
from customers.crm.pages import CannotFetchOne, ConnectionConfig, CrmRejected, Page
from customers.models import ExternalIdentity, UploadedList


class Upload:
    """`customers.uploads` has brought the list into the form of a CSV in which each person has an id."""

    label = _("a list that you paste or upload")
    about = _("“Here is our VIP list”: a column of phone numbers, or a CSV file from a spreadsheet.")
    example = ""
    fields = ()
    options: tuple[Option, ...] = ()
    auths = ("none",)
    id_path = "list_id"
    reads_changes = False

    def fetch_page(self, config: ConnectionConfig, cursor: str, since: datetime | None, until: datetime) -> Page:
        """The whole list. Raises CrmRejected when it is gone."""
        listed = UploadedList.objects.filter(connection_id=config.connection_id).first()
        if listed is None:
            raise CrmRejected("no_list")
        try:
            records = [row.values for row in rows(listed.content, ",")]
        except ListError as error:
            raise CrmRejected("bad_text", str(error)) from None
        gone = _left(config, {record["list_id"] for record in records}) if listed.is_whole else ()
        return Page(records, None, len(records), complete=False, tombstones=gone)

    def fetch_one(self, config: ConnectionConfig, external_id: str) -> Any | None:
        raise CannotFetchOne


def _left(config: ConnectionConfig, present: set[str]) -> tuple[str, ...]:
    """Who was in an earlier list and is not in this one."""
    known = ExternalIdentity.objects.filter(connection_id=config.connection_id).values_list("external_id", flat=True)
    return tuple(sorted(set(known) - present))
