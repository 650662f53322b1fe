"""A person who has left traces in every place, and one beside him who must stay as she is."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.audit.records import RECORDERS
from customers.models import (
    CrmConnection,
    CrmEvent,
    CrmPush,
    Customer,
    CustomerMerge,
    DemotionCandidate,
    ExternalIdentity,
    Handle,
    LoyaltyTier,
    RejectedRow,
    StagedRecord,
    SyncRun,
    TierChange,
    TierOverride,
    UploadedList,
)
from routing import spool
from routing.courier import carry_once
from routing.models import (
    BlockedCaller,
    ContactEvent,
    Conversation,
    Decision,
    Delivery,
    InboundMessage,
    Notification,
    Pilot,
)
from routing.spool import Spool
from tests.replaying import replayed

ACCOUNT = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Somebody:
    """By what a planted person is known; `words` are all of it that may be found in a file."""

    name: str
    phone: str
    national: str
    customer_no: str
    email: str
    record: str

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name, self.phone.removeprefix("+"), self.national, self.customer_no, self.email, self.record)


MARIO = Somebody("Mario Rosselli", "+393335550142", "3335550142", "KD-77120", "mario.rosselli@example.com", "crm-90417")
BIANCA = Somebody("Bianca Neri", "+393335550177", "3335550177", "KD-88231", "bianca.neri@example.com", "crm-90518")


def decision_document(who: Somebody, number: int, spelled: str, **said: Any) -> dict[str, Any]:
    """A decision as a decide server spools it."""
    return {
        "v": 1,
        "decided_at": timezone.now().isoformat(),
        "host": "here",
        "asked_with": "0" * 16,
        "contact": {
            "account": ACCOUNT,
            "to": "+390255500000",
            "number": "voice:+390255500000",
            "from": spelled,
            "channel": "voice",
            "attempt": 0,
        },
        "variables": {
            "call.channel": "voice",
            "call.from": who.phone,
            "call.context.customer_no": who.customer_no,
            "customer.tier": "gold",
            "customer.lifetime_value": 990_000,
            "crm.status": "ok",
            "crm.email": who.email,
            "time.now": "09:00",
            **said,
        },
        "answer": {
            "decision_id": f"d{who.phone[-2:]}-{number}",
            "call_id": f"call-{who.phone[-2:]}-{number}",
            "release": 1,
            "flow": "priority",
            "branch": "gold",
            "queue": "vip",
            "tier": "gold",
            "reason": "branch",
            "caller_id": who.phone,
            "sip_uri": "sip:8001@pbx.example.net",
            "degraded": [],
            "warnings": [],
        },
    }


def plant(who: Somebody, live_dir: Path, at: datetime | None = None) -> Customer:
    """Leave traces of `who` in every table, in the live folder and in the spool."""
    at = at or timezone.now() - timedelta(hours=1)
    tier, _ = LoyaltyTier.objects.get_or_create(slug="gold", defaults={"name": "Gold", "rank": 3})
    customer = Customer.objects.create(name=who.name, tier=tier, lifetime_value=990_000)
    for kind, value in (("phone", who.phone), ("customer_no", who.customer_no), ("email", who.email)):
        Handle.objects.create(customer=customer, kind=kind, value=value)
    _plant_sync(who, customer, tier)
    override = TierOverride.objects.create(customer=customer, tier=tier, reason=f"asked by {who.name}", starts_at=at)
    CustomerMerge.objects.create(kept=customer, absorbed=customer, cause="admin", reason=f"{who.name} twice")
    TierChange.objects.create(customer=customer, old_tier="", new_tier="gold", cause="admin")
    _plant_messages(who, at)
    for row in (customer, *customer.handles.all(), *customer.identities.all(), override):
        RECORDERS[type(row)].create_historical_record(row, "~")  # as if a person had changed it
    for thing in (customer, override):
        _plant_log(who, thing, thing.pk)
    _plant_log(who, override, 0)  # deleted long ago
    spooled = Spool(live_dir)
    for number, spelled in enumerate((who.phone, f"sip:{who.phone}@carrier.example.net", f"00{who.phone[1:]}")):
        document = decision_document(who, number, spelled)
        key = spool.text_key((ACCOUNT, document["answer"]["call_id"], "+390255500000", spelled, "voice", 0))
        assert spooled.record(key, spool.DECISION, document, at.timestamp()) is None
    while carry_once(live_dir, "here").carried:
        pass
    return customer


def _plant_sync(who: Somebody, customer: Customer, tier: LoyaltyTier) -> None:
    crm, _ = CrmConnection.objects.get_or_create(slug="crm", defaults={"name": "CRM", "url": "https://crm.example.com"})
    run = crm.runs.first() or SyncRun.objects.create(
        connection=crm, trigger="manual", upper_bound=timezone.now(), state="succeeded"
    )
    SyncRun.objects.create(
        connection=crm, trigger="manual", upper_bound=timezone.now(), state="failed", anchor_cursor=f'["{who.record}"]'
    )
    ExternalIdentity.objects.create(connection=crm, external_id=who.record, customer=customer, fingerprint="f" * 64)
    mapped = {"fields": {"name": who.name}, "handles": {"phone": [who.phone], "email": [who.email]}}
    StagedRecord.objects.create(
        run=run, external_id=who.record, operation="change", mapped=mapped, customer=customer, new_tier=tier
    )
    StagedRecord.objects.create(run=run, external_id=f"new-{who.phone[-2:]}", operation="create", mapped=mapped)
    RejectedRow.objects.create(run=run, external_id=who.record, field="tier", reason="is not known", page_no=1)
    DemotionCandidate.objects.create(connection=crm, customer=customer, tier=tier, since=timezone.now())
    push, _ = CrmPush.objects.get_or_create(connection=crm)
    CrmEvent.objects.create(
        push=push,
        event_id=f"event-{who.phone[-2:]}",
        external_id=who.record,
        occurred_at=timezone.now(),
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    listed = UploadedList.objects.first() or UploadedList(connection=crm, content="list_id,phone\n")
    listed.content += f"{who.customer_no},{who.national}\n"
    listed.save()


def _plant_messages(who: Somebody, at: datetime) -> None:
    conversation = Conversation.objects.create(
        account=ACCOUNT,
        channel="whatsapp",
        thread=f"+390255500001 {who.phone}",
        number="+390255500001",
        sender=who.phone,
        queue="vip",
        decision_id=f"m{who.phone[-2:]}",
        opened_at=at,
        last_message_at=at,
    )
    InboundMessage.objects.create(
        account=ACCOUNT,
        message_id=f"wamid.{who.phone}",
        kind="inbound",
        channel="whatsapp",
        thread=conversation.thread,
        sender=who.phone,
        occurred_at=at,
        received_at=at,
        due_at=at,
        state="decided",
        conversation=conversation,
    )
    Delivery.objects.create(
        key=f"key-{who.phone[-2:]}", conversation=conversation, decision_id=conversation.decision_id, due_at=at
    )
    Notification.objects.create(
        key=f"note-{who.phone[-2:]}", decision_id=conversation.decision_id, target="crm", due_at=at
    )
    Decision.objects.create(
        decision_id=conversation.decision_id,
        account=ACCOUNT,
        call_id=f"wamid.{who.phone}",
        channel="whatsapp",
        number="+390255500001",
        caller=who.phone,
        queue="vip",
        tier="gold",
        reason="branch",
        decided_at=at,
        document={"answer": {"call_id": f"wamid.{who.phone}", "queue": "vip"}, "variables": {"call.from": who.phone}},
    )
    ContactEvent.objects.create(
        event_id=f"event-{who.phone[-2:]}", call_id=f"wamid.{who.phone}", kind="left", happened_at=at, queue="vip"
    )
    Pilot.objects.create(document="{}", callers=[who.phone], until=at)
    BlockedCaller.objects.create(number=who.phone, reason="Rings at night")


def _plant_log(who: Somebody, thing: Customer | TierOverride, object_id: int) -> None:
    admin = User.objects.filter(username="admin").first() or User.objects.create_superuser("admin")
    LogEntry.objects.create(
        user=admin,
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(object_id),
        object_repr=str(thing),
        action_flag=CHANGE,
        change_message=orjson.dumps([{"added": {"name": "tier override", "object": f"{who.name}: Gold"}}]).decode(),
    )


@pytest.fixture(scope="session")
def live_dir_with_both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The live folder that goes with the rows of the two, once they have been planted."""
    return tmp_path_factory.mktemp("live") / "with-both"


@pytest.fixture
def mario(db: None, live_dir: Path, live_dir_with_both: Path, request: pytest.FixtureRequest) -> Customer:
    """Who asks to be erased; Bianca is there, too."""

    def plant_both() -> None:
        plant(BIANCA, live_dir)
        plant(MARIO, live_dir)

    if "own_database" in request.fixturenames:  # its keys are its own
        plant_both()
    else:
        replayed("Mario and Bianca", plant_both)
        here, there = (live_dir_with_both, live_dir) if live_dir_with_both.exists() else (live_dir, live_dir_with_both)
        shutil.copytree(here, there, dirs_exist_ok=True)
    return Customer.objects.get(name=MARIO.name)
