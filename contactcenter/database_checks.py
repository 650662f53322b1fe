"""What people have set up in the portal, looked at before a deployment: `check --deploy --database default`."""

import os
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from contactcenter.tables import files
from contactcenter.tables.models import TableImport
from contactcenter.tables.reading import CSV, XLSX
from routing.access import SHORTEST_SHARED_SECRET
from routing.models import ProviderAccount
from routing.providers import DIALECTS


def found() -> Iterator[CheckMessage]:
    """Everything that should not be deployed, or the one reason why nothing can be read."""
    if unreadable := _unreadable():
        yield unreadable
        return
    yield from _called_over_http()
    yield from _without_proof()
    yield from _elsewhere()


def _unreadable() -> CheckMessage | None:
    """Why nothing can be read from the database, if so."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        return Error(
            "The database cannot be reached.",
            hint=f"Is DATABASE_URL right, and does the server run? It says: {str(error).splitlines()[0]}",
            id="contactcenter.E012",
        )
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return None
    return Error("The database is not migrated.", hint="Run manage.py migrate first.", id="contactcenter.E013")


def _called_over_http() -> Iterator[CheckMessage]:
    """No provider account is reached over plain HTTP."""
    for account in ProviderAccount.objects.filter(is_enabled=True, public_url__istartswith="http://"):
        yield Error(
            f"The provider account “{account}” is called over plain HTTP.",
            hint="Give it a public address that begins with https://.",
            obj=account,
            id="contactcenter.E009",
        )


def _without_proof() -> Iterator[CheckMessage]:
    """Who signs nothing says a long secret and calls from named networks: any other request is refused.

    The form asks for both; an account that was saved before it did is named here.
    """
    unsigned = [slug for slug, each in DIALECTS.items() if each.stages and not each.capabilities.signed]
    for account in ProviderAccount.objects.filter(is_enabled=True, dialect__in=unsigned):
        if not account.networks.split() or len(account.secret.encode()) < SHORTEST_SHARED_SECRET:
            yield Error(
                f"The provider account “{account}” signs nothing, and has no secret of 32 bytes or no networks.",
                hint="Its requests are refused. Open its page in the portal: it says what is missing.",
                obj=account,
                id="contactcenter.E010",
            )


def _elsewhere() -> Iterator[CheckMessage]:
    """A portal and workers on several hosts have one folder for files: what was handed in lately lies here, too."""
    kept = TableImport.objects.filter(kind__in=(CSV, XLSX)).exclude(state=TableImport.State.CANCELLED)
    if not all(os.access(files.place(pk), os.R_OK) for pk in kept.values_list("pk", flat=True)):
        yield Warning(
            "A file that the portal was given to import cannot be read on this host.",
            hint="Portals and workers on several hosts need one folder VAR_DIR/tables in common: docs/tables.md.",
            id="contactcenter.W011",
        )
