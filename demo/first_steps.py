"""What `make run` does in the database: set up, first sync, first release, and the words of welcome."""

import os
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

django.setup()  # models can be imported only after it

from contactcenter.celery import app  # noqa: E402
from contactcenter.foundation.models import Change  # noqa: E402
from customers import sync  # noqa: E402
from customers.models import CrmConnection, Handle, SyncRun  # noqa: E402
from demo.processes import CannotRun, answers  # noqa: E402
from demo.seed import VOICE_NUMBER  # noqa: E402
from routing import livefile, publishing  # noqa: E402
from routing.models import Release  # noqa: E402

WELCOME = """
Ready.

  Portal         http://127.0.0.1:{portal}/admin/
                 user admin, password {password}
  Decide server  http://127.0.0.1:{decide}/api/v1/decisions
  Demo CRM       http://127.0.0.1:{crm}/api/customers

A gold customer calls the service hotline. Where does the call go?

{curl}

Ctrl-C ends everything. The data stays in {var}; the log is {var}/log/run.log.
"""
CURL = (
    "curl -s http://127.0.0.1:{decide}/api/v1/decisions -H 'Authorization: Bearer {key}' "
    "-H 'Content-Type: application/json' "
    # The call id changes with each paste: asked twice about one call, the answer would stay the same.
    """-d '{{"call_id": "demo-'$(date +%s)'", "to": "{to}", "from": "{caller}"}}'"""
)


def set_up() -> None:
    """Tables, static files, broker folders, demo data. Does nothing that is done already."""
    for option in ("data_folder_in", "processed_folder", "control_folder"):
        if folder := settings.CELERY_BROKER_TRANSPORT_OPTIONS.get(option):
            Path(folder).mkdir(parents=True, exist_ok=True)
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo", verbosity=0)


def worker_answers() -> bool:
    """Does a Celery worker answer a ping?"""
    return bool(app.control.ping(timeout=1.0))


def customers_are_read() -> bool:
    """Has the worker finished the first sync? Starts it when asked for the first time."""
    run = _first_run()
    run.refresh_from_db()
    if run.state in (SyncRun.State.FAILED, SyncRun.State.CANCELLED):
        raise CannotRun(f"The first sync ended as {run.state}: {run.error}")
    return run.state not in SyncRun.UNFINISHED


@cache
def _first_run() -> SyncRun:
    """The sync that is waited for: one that succeeded, one that goes on from an earlier start, or a new one."""
    connection = CrmConnection.objects.get(slug="demo-crm")
    done = connection.runs.filter(state__in=(SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL)).first()
    unfinished = connection.runs.filter(state__in=SyncRun.UNFINISHED).first()
    if not done and unfinished:
        sync.wake(unfinished.pk)
    return done or unfinished or sync.start(connection, SyncRun.Trigger.MANUAL)


def publish_first_release() -> None:
    """Make the demo's draft live, unless somebody has published before."""
    if not Release.objects.exists():
        publishing.publish("The demo, as it comes.", by=None)


def decide_server_is_up_to_date() -> bool:
    """Does the live folder hold every change of the database, and does the decide server hold the release?"""
    if Change.objects.filter(seq__isnull=True).exists():
        return False
    newest = Change.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    live = livefile.open_for_reading(settings.LIVE_DIR)
    try:
        carried = int(livefile.meta(live, "cursor") or 0)
    finally:
        live.close()
    return carried >= newest and answers(f"http://127.0.0.1:{os.environ['DECIDE_PORT']}/readyz")


def welcome() -> str:
    """Where to go now, with one line to paste."""
    environment = os.environ
    decide = environment["DECIDE_PORT"]
    gold = Handle.objects.filter(kind=Handle.Kind.PHONE, customer__tier__slug="gold").order_by("id").first()
    curl = CURL.format(
        decide=decide, key=environment["DEMO_API_KEY"], to=VOICE_NUMBER, caller=gold.value if gold else "anonymous"
    )
    return WELCOME.format(
        portal=environment["PORTAL_PORT"],
        decide=decide,
        crm=environment["DEMO_CRM_PORT"],
        password=environment["DEMO_ADMIN_PASSWORD"],
        var=settings.VAR_DIR,
        curl=curl,
    )
