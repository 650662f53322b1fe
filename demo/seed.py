"""The demo that `make run` sets up once: three queues, four tiers, two numbers on one flow, and a small CRM."""

import os
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction

from customers import schedule
from customers.models import (
    CrmConnection,
    DataSource,
    DataSourceVariable,
    FieldMapping,
    LoyaltyTier,
    TierMapping,
)
from queues.models import AccountManager, Calendar, HelpDesk, OpeningHours, PhoneSystem, Queue
from routing.keys import SHOWN_CHARACTERS, fingerprint
from routing.models import ApiKey, Branch, FetchStep, Flow, Number, ProviderAccount

VOICE_NUMBER = "+390255500000"
WHATSAPP_NUMBER = "+390255500001"

MAPPINGS = {
    "name": "name",
    "handle:phone": "phones[*].number",
    "tier": "loyalty.status",
    "purchases": "order_count",
    "order_volume": "order_volume",
    "lifetime_value": "lifetime_value",
    "plan": "plan",
    "account_level": "account_level",
    "category": "category",
    "account_manager": "account_manager",
    "language": "language",
}


@dataclass(frozen=True)
class DemoSecrets:
    """What the demo is opened with; `make run` makes them up once and keeps them in var/run.env."""

    admin_password: str
    api_key: str
    crm_token: str
    twilio_secret: str
    crm_port: int

    @classmethod
    def from_environment(cls) -> "DemoSecrets":
        return cls(
            admin_password=os.environ["DEMO_ADMIN_PASSWORD"],
            api_key=os.environ["DEMO_API_KEY"],
            crm_token=os.environ["DEMO_CRM_TOKEN"],
            twilio_secret=os.environ["DEMO_TWILIO_SECRET"],
            crm_port=int(os.environ.get("DEMO_CRM_PORT", "8002")),
        )


@transaction.atomic
def seed(secrets: DemoSecrets) -> bool:
    """Fill an empty database with the demo; False, and nothing done, when a flow is there already."""
    if Flow.objects.exists():
        return False
    get_user_model().objects.create_superuser("admin", "admin@example.com", secrets.admin_password)
    tiers = _tiers()
    queues = _queues()
    source, _connection = _sources(secrets, tiers)
    flow = _flow(queues, source)
    _numbers(secrets, flow, queues["standard"])
    return True


def _tiers() -> dict[str, LoyaltyTier]:
    names = ["Bronze", "Silver", "Gold", "Platinum"]
    made = [LoyaltyTier.objects.create(name=name, slug=name.lower(), rank=rank) for rank, name in enumerate(names, 1)]
    return {tier.slug: tier for tier in made}


def _queues() -> dict[str, Queue]:
    system = PhoneSystem.objects.create(name="Demo PBX", slug="demo-pbx", kind="asterisk", hosts="pbx.example.net")
    desk = HelpDesk.objects.create(name="Demo help desk", slug="demo-desk", url="https://desk.example.net")
    office = _office_hours()
    made: dict[str, Queue] = {}
    # The emergency queue first: it is the end of the overflow chain.
    for slug, name, extension, priority_class, head_start_s, overflow in [
        ("standard", "Standard", "8003", 3, 0, None),
        ("priority", "Priority", "8002", 2, 120, "standard"),
        ("vip", "VIP", "8001", 1, 300, "priority"),
    ]:
        made[slug] = Queue.objects.create(
            name=name,
            slug=slug,
            phone_system=system,
            voice_address=extension,
            help_desk=desk,
            team=name,
            priority_class=priority_class,
            head_start_s=head_start_s,
            overflow_to=made[overflow] if overflow else None,
            is_emergency=overflow is None,
        )
    for name, slug, extension in [("Anna Rossi", "anna-rossi", "8101"), ("Jonas Weber", "jonas-weber", "8102")]:
        AccountManager.objects.create(name=name, slug=slug, phone_system=system, address=extension, calendar=office)
    return made


def _office_hours() -> Calendar:
    office = Calendar.objects.create(name="Office hours", slug="office-hours", time_zone="Europe/Rome")
    for weekday in range(5):
        OpeningHours.objects.create(calendar=office, weekday=weekday, opens="09:00", closes="18:00")
    return office


def _sources(secrets: DemoSecrets, tiers: dict[str, LoyaltyTier]) -> tuple[DataSource, CrmConnection]:
    crm = f"http://127.0.0.1:{secrets.crm_port}/api/customers"
    source = DataSource.objects.create(
        name="Demo CRM, live",
        slug="demo-crm",
        url=crm + "/by-phone?phone={call.from}",
        auth=DataSource.Auth.BEARER,
        secret=secrets.crm_token,
    )
    for name, expression, kind, fills in [
        ("loyalty_status", "loyalty.status", "text", "tier"),
        ("points", "loyalty.points", "number", ""),
        ("orders", "order_count", "number", "purchases"),
    ]:
        DataSourceVariable.objects.create(source=source, name=name, expression=expression, type=kind, fills=fills)
    connection = CrmConnection.objects.create(
        name="Demo CRM", slug="demo-crm", url=crm, token=secrets.crm_token, updated_since_param="updated_since"
    )
    for target, expression in MAPPINGS.items():
        FieldMapping.objects.create(connection=connection, target=target, expression=expression)
    for slug, tier in tiers.items():
        TierMapping.objects.create(connection=connection, value=slug, tier=tier)
    schedule.apply(connection)
    return source, connection


def _flow(queues: dict[str, Queue], source: DataSource) -> Flow:
    flow = Flow.objects.create(name="Priority customers", slug="priority-customers", last_path=queues["standard"])
    FetchStep.objects.create(flow=flow, slug="crm", source=source, position=1, precedence=FetchStep.Precedence.FILL)
    for position, label, tiers, queue in [
        (1, "Gold or platinum", ["gold", "platinum"], "vip"),
        (2, "Silver", ["silver"], "priority"),
    ]:
        Branch.objects.create(
            flow=flow,
            position=position,
            label=label,
            slug=label.lower().replace(" ", "-"),
            conditions=[[{"variable": "customer.tier", "operator": "is_one_of", "value": tiers}]],
            queue=queues[queue],
        )
    return flow


def _numbers(secrets: DemoSecrets, flow: Flow, standard: Queue) -> None:
    sbc = ProviderAccount.objects.create(name="Own SBC", slug="own-sbc", dialect="native")
    ApiKey.objects.create(
        account=sbc,
        label="Demo key",
        prefix=secrets.api_key[:SHOWN_CHARACTERS],
        sha256=fingerprint(secrets.api_key),
        may_report=True,
    )
    twilio = ProviderAccount.objects.create(
        name="Demo Twilio",
        slug="demo-twilio",
        dialect="twilio",
        secret=secrets.twilio_secret,
        public_url="https://calls.example.com",
    )
    for channel, address, label, account in [
        ("voice", VOICE_NUMBER, "Service hotline", twilio),
        ("whatsapp", WHATSAPP_NUMBER, "WhatsApp service", sbc),
    ]:
        Number.objects.create(
            account=account, channel=channel, address=address, label=label, flow=flow, default_queue=standard
        )
