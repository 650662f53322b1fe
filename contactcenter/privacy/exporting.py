"""Everything that is held of one person, as JSON for him to be given."""

import json
import os
from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from contactcenter.privacy import history
from contactcenter.privacy.admin_log import entries_about
from contactcenter.tables import privacy as imported
from customers import facts
from customers.privacy import records
from customers.privacy.person import Person
from customers.privacy.records import as_row
from routing.privacy import evidence, listed


def export(person: Person) -> dict[str, Any]:
    """Rows by table, and what decide hosts are told of his addresses."""
    return {
        "format": 1,
        "exported_at": timezone.now(),
        "tables": {
            **records.export(person),
            **evidence.export(person),
            **listed.export(person),
            **history.export(person),
            **imported.export(person),
            LogEntry._meta.db_table: [as_row(entry) for entry in entries_about(person).order_by("pk")],
        },
        "decide_hosts": {key: known for key, known in facts.documents(person.keys).items() if known},
    }


def as_json(person: Person) -> str:
    """The export as text."""
    return json.dumps(export(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def write(person: Person, path: Path) -> None:
    """The export as a new file that only its owner can read. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(as_json(person))
