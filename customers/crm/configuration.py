"""From a connection in the database to what its connector is given."""

from datetime import datetime

from customers.crm.auth import AUTHS
from customers.crm.pages import ConnectionConfig
from customers.models import CrmBookmark, CrmConnection

KEPT_BOOKMARKS = 20


class StoredBookmarks:
    """A bookmark counts once a run that reached as far as it has succeeded: earlier changes have then been applied."""

    def __init__(self, connection_id: int, synced_until: datetime | None) -> None:
        self.connection_id, self.synced_until = connection_id, synced_until

    def newest(self) -> str:
        if self.synced_until is None:
            return ""
        reached = CrmBookmark.objects.filter(connection_id=self.connection_id, until__lte=self.synced_until)
        return reached.values_list("value", flat=True).first() or ""

    def keep(self, until: datetime, value: str) -> None:
        mine = CrmBookmark.objects.filter(connection_id=self.connection_id)
        CrmBookmark.objects.update_or_create(connection_id=self.connection_id, until=until, defaults={"value": value})
        mine.filter(pk__in=list(mine.values_list("pk", flat=True)[KEPT_BOOKMARKS:])).delete()


def config_of(connection: CrmConnection) -> ConnectionConfig:
    """What a connector needs to know of the connection; one that is not saved yet has no bookmarks and no grants."""
    options = {name: str(value) for name, value in (connection.options or {}).items()}
    auth = AUTHS[connection.auth]
    return ConnectionConfig(
        url=connection.url,
        token=connection.token,
        records_path=connection.records_path,
        next_cursor_path=connection.next_cursor_path,
        count_path=connection.count_path,
        cursor_param=connection.cursor_param,
        page_size_param=connection.page_size_param,
        page_size=connection.page_size,
        updated_since_param=connection.updated_since_param,
        pagination=connection.pagination,
        id_path=connection.external_id_path,
        options=options,
        credentials=auth.make(connection.pk, options, connection.token),
        bookmarks=StoredBookmarks(connection.pk, connection.synced_until) if connection.pk else None,
        connection_id=connection.pk,
    )
