"""A pilot and a blocked caller on the live line: from the portal by a courier to a decide server, and back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from contactcenter.foundation import changes
from routing import blocking, pilots
from routing.document import canonical, checksum
from routing.keys import fingerprint
from routing.models import ApiKey, BlockedCaller, Decision, Flow, ProviderAccount, Release
from routing.restoring import reset_draft
from tests.faults.contact_centre import ContactCentre, Database, wait_until
from tests.routing.decide_server import KEY
from tests.routing.documents import good

WITHIN_S = 30.0
CALLED = "+390212345678"
MOBILE, ANOTHER = "+393331234567", "+393337654321"


@pytest.fixture
def centre(process_env: dict[str, str], tmp_path: Path) -> Iterator[ContactCentre]:
    """Everybody goes to Standard; in the draft, everybody goes to VIP. A decide host whose processes run."""
    account = ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native")
    ApiKey.objects.create(account=account, label="SBC", prefix="cc_", sha256=fingerprint(KEY))
    reset_draft(good())
    Flow.objects.get().branches.all().delete()
    live = good() | {"flows": {"priority-customers": good()["flows"]["priority-customers"] | {"branches": []}}}
    text = canonical(live)
    Release.objects.create(number=1, document=text, sha256=checksum(text), note="First.")
    changes.mark(changes.RELEASE, ["1"])
    flow = Flow.objects.get()
    flow.branches.create(slug="new", label="New", queue=type(flow.last_path).objects.get(slug="vip"), conditions=[])
    host = ContactCentre(tmp_path, Database(process_env["DATABASE_URL"]))
    try:
        host.start_courier()
        host.start_decide()
        yield host
    finally:
        host.end()


def becomes(host: ContactCentre, caller: str, **expected: Any) -> None:
    """Calls of `caller` are answered like this, soon."""

    def answered() -> bool:
        answer = host.ask(CALLED, caller)
        return {key: answer.get(key) for key in expected} == expected

    print(f"{caller[-2:]} {expected}: {wait_until(answered, WITHIN_S):.2f} s")


@pytest.mark.django_db(transaction=True)
def test_a_pilot_caller_gets_the_draft_until_its_end_and_a_blocked_one_nothing(centre: ContactCentre) -> None:
    becomes(centre, MOBILE, queue="standard", release=1)

    pilot = pilots.start([MOBILE], timezone.now() + timedelta(hours=2), None)
    becomes(centre, MOBILE, queue="vip", branch="new", pilot=pilot.pk, release=None)
    assert centre.ask(CALLED, ANOTHER)["queue"] == "standard"

    ends = timezone.now() + timedelta(seconds=2)
    pilot.until = ends
    pilot.save(update_fields=["until"])
    becomes(centre, MOBILE, queue="standard", pilot=None)
    assert timezone.now() >= ends, "not before its moment"

    entry = BlockedCaller.objects.create(number=ANOTHER, reason="Shouts")
    becomes(centre, ANOTHER, action="reject", reason="blocked", block=entry.pk)
    assert centre.ask(CALLED, MOBILE)["queue"] == "standard"
    blocking.unblock(entry)
    becomes(centre, ANOTHER, action="transfer", queue="standard")

    shipped = Decision.objects.filter(document__answer__pilot=pilot.pk, release=None, caller=MOBILE)
    wait_until(shipped.exists, WITHIN_S)
    assert MOBILE not in centre.said
