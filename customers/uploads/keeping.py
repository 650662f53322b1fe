"""Lists as they are kept: while their supervisor looks at them, and until their run has read them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from contactcenter.foundation.free_names import free_name
from customers import schedule, sync
from customers.crm.mapping import Rule
from customers.models import CrmConnection, FieldMapping, Safeguards, SyncRun, TierMapping, UploadedList
from customers.uploads.previewing import Choices, identified, rules, tier_words
from customers.uploads.text import LIST_ID, names_of, written

LARGEST = 10 * 1024 * 1024
KEPT_UNUSED = timedelta(hours=1)


def new_connection(name: str) -> CrmConnection:
    """A list to be, without a night of its own. Its safeguards trust the supervisor, who has seen the preview."""
    slug = free_name(CrmConnection, "slug", slugify(name)[:40].strip("-") or "list")
    connection = CrmConnection.objects.create(
        name=name, slug=slug, connector="upload", auth="none", external_id_path=LIST_ID, updated_since_param=""
    )
    Safeguards.objects.create(
        connection=connection,
        tier_changed_percent=100,
        deleted_percent=50,
        rejected_percent=100,
        read_percent=0,
        emptied_points=100,
    )
    return connection


def start(connection: CrmConnection, listed: UploadedList, choices: Choices, *, is_whole: bool, by: Any) -> SyncRun:
    """Have the list read. Raises ListError, and sync.CannotStart while an earlier list is being read."""
    with transaction.atomic():
        if connection.runs.filter(state__in=SyncRun.UNFINISHED).exists():
            raise sync.AlreadyRunning
        names = names_of(listed.content)
        found = [row.values for row in identified(listed.content, choices) if not row.problem]
        listed.content = written([LIST_ID, *names], (values.values() for values in found))
        listed.connection, listed.is_whole = connection, is_whole
        listed.save()
        UploadedList.objects.filter(connection=connection).exclude(pk=listed.pk).delete()
        _set_up(connection, rules(names, choices), choices.region)
        schedule.ensure_dispatcher()
        return sync.start(connection, SyncRun.Trigger.MANUAL, by.pk)


def _set_up(connection: CrmConnection, chosen: list[Rule], region: str) -> None:
    """Give the connection the mapping that the supervisor has chosen."""
    connection.region, connection.is_enabled = region, True
    connection.save(update_fields=["region", "is_enabled"])
    connection.mappings.all().delete()
    FieldMapping.objects.bulk_create(
        FieldMapping(
            connection=connection,
            target=rule.target,
            expression=rule.expression,
            is_required=rule.is_required,
            on_error=rule.on_error,
        )
        for rule in chosen
    )
    connection.tier_mappings.all().delete()
    TierMapping.objects.bulk_create(
        TierMapping(connection=connection, value=word, tier_id=pk) for word, _slug, pk in tier_words()
    )


def draft(text: str, by: Any) -> UploadedList:
    """Keep a list while its supervisor looks at it."""
    forget_read()
    return UploadedList.objects.create(content=text, uploaded_by=by)


def drafted(draft_id: str, by: Any) -> UploadedList | None:
    """The list that this person is looking at; None when it is gone or somebody else's."""
    try:
        return UploadedList.objects.filter(pk=UUID(draft_id), uploaded_by=by, connection=None).first()
    except ValueError:
        return None


def forget_read() -> int:
    """Remove the lists that no run has still to read, and those that nobody went on with; how many."""
    unread = SyncRun.objects.filter(state__in=SyncRun.UNFINISHED, phase=SyncRun.Phase.READING)
    done = UploadedList.objects.filter(connection__isnull=False).exclude(connection__in=unread.values("connection"))
    unused = UploadedList.objects.filter(connection=None, created_at__lt=timezone.now() - KEPT_UNUSED)
    return done.delete()[0] + unused.delete()[0]
