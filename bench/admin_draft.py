"""What people have set up: queues, a flow of fifty branches, ten thousand numbers, two releases, a changed draft."""

from datetime import UTC, datetime

from bench import contact_centre
from bench.admin_tables import NUMBERS
from contactcenter.accounts.models import User
from queues.models import Queue
from routing import publishing, restoring
from routing.models import Flow, Number, NumberUse, ProviderAccount

CHANGED = 40
"""Numbers whose label is not published yet: each is a row of its own on the page that publishes."""


def set_up(by: User) -> None:
    """As the portal itself makes it: the draft from a document, then published twice."""
    account = ProviderAccount.objects.create(
        name="Bench", slug="bench", dialect="native", uuid=contact_centre.ACCOUNT, is_enabled=True
    )
    restoring.reset_draft(contact_centre.document() | {"numbers": {}})
    flow, queue = Flow.objects.get(), Queue.objects.get(slug="standard")
    Number.objects.bulk_create(
        Number(
            channel="voice",
            address=f"+3902555{place:05}",
            label=f"Line {place}",
            time_zone="Europe/Rome",
            flow=flow,
            default_queue=queue,
            account=account,
        )
        for place in range(NUMBERS)
    )
    publishing.publish("Everything", by)
    now = datetime.now(UTC)
    NumberUse.objects.update(first_at=now, first_queue="vip", last_at=now, last_queue="vip")
    Number.objects.filter(address__endswith="99").update(label="Renamed once")
    publishing.publish("Renamed some", by)
    for number in Number.objects.filter(address__endswith="7")[:CHANGED]:
        number.label = "Renamed again"
        number.save()
