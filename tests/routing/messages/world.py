"""A contact centre with two teams in a help desk, published, with a gold customer: what messages are decided by."""

import uuid

from customers.models import Customer, Handle, LoyaltyTier
from queues.models import HelpDesk, PhoneSystem, Queue
from routing import publishing
from routing.models import Branch, Flow, Number, ProviderAccount
from tests.replaying import replayed
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.messages.desk_standin import TOKEN

ACCOUNT = "33333333-3333-4333-8333-333333333333"


def publish(desk_url: str, kind: str = "chatwoot", account: str = "1", token: str = TOKEN, **options: str) -> None:
    """Rows of the draft, and a release of them. `dialect` and `secret` are those of the account that tells us."""
    replayed("messages", set_up)
    HelpDesk.objects.update(kind=kind, url=desk_url, account=account, token=token)
    ProviderAccount.objects.update(**{"dialect": "signed_webhook", "secret": ""} | options)


def set_up() -> None:
    """All of it, before anybody says which help desk it is and who tells us."""
    desk = HelpDesk.objects.create(name="Desk", slug="desk")
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts=live_folder.HOST)
    voice = {"phone_system": system, "help_desk": desk}
    standard = Queue.objects.create(
        name="Standard", slug="standard", voice_address="8003", team="priority", is_emergency=True, **voice
    )
    vip = Queue.objects.create(
        name="VIP", slug="vip", voice_address="8001", team="vip", priority_class=1, overflow_to=standard, **voice
    )
    flow = Flow.objects.create(name="Priority customers", slug="priority-customers", last_path=standard)
    gold = {"variable": "customer.tier", "operator": "is_one_of", "value": ["gold"]}
    again = {"variable": "call.previous_queue", "operator": "is", "value": "standard"}
    Branch.objects.create(flow=flow, label="Gold", slug="gold", position=1, conditions=[[gold]], queue=vip)
    Branch.objects.create(flow=flow, label="Again", slug="again", position=2, conditions=[[again]], queue=vip)
    tier = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    Handle.objects.create(customer=Customer.objects.create(name="Giulia Oro", tier=tier), kind="phone", value=GOLD)
    provider = ProviderAccount.objects.create(
        uuid=uuid.UUID(ACCOUNT), name="Desk", slug="main", public_url="https://calls.example.com"
    )
    addresses = [
        ("voice", live_folder.VOICE_NUMBER),
        ("whatsapp", live_folder.WHATSAPP_NUMBER),
        ("whatsapp", "inbox:7"),
    ]
    for channel, address in addresses:
        Number.objects.create(
            account=provider, channel=channel, address=address, label=address, flow=flow, default_queue=standard
        )
    publishing.publish("For messages.", None)
