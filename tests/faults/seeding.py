"""`python -m tests.faults.seeding`: an empty database gets tables, one release, one key and the demo's customers."""

import hashlib

import django
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import call_command
from django.db import transaction


@transaction.atomic
def seed() -> None:
    """What `tests.routing.live_folder` builds by hand, as rows that a courier carries."""
    from contactcenter.accounts.models import User
    from contactcenter.foundation import changes
    from customers.models import CrmConnection, Customer, FieldMapping, Handle, LoyaltyTier
    from routing.models import ApiKey, ProviderAccount, Release
    from tests.faults.control_plane import PASSWORD, SUPERVISOR
    from tests.routing import live_folder
    from tests.routing.decide_server import GOLD, KEY

    tiers = [LoyaltyTier.objects.create(slug=slug, name=slug, rank=n) for n, slug in enumerate(live_folder.TIERS, 1)]
    handles = [GOLD, *(f"+39025551{number:04}" for number in range(300))]
    customers = Customer.objects.bulk_create([Customer(tier=tiers[2]) for _ in handles])
    made = [Handle(customer=who, kind="phone", value=value) for who, value in zip(customers, handles, strict=True)]
    Handle.objects.bulk_create(made)
    changes.mark(changes.FACTS, [f"phone:{handle}" for handle in handles])
    # Last: a file that holds only what came before it must not be decided by.
    text = live_folder.canonical(live_folder.demo_document())
    Release.objects.create(number=1, document=text, sha256=hashlib.sha256(text.encode()).hexdigest(), note="First.")
    changes.mark(changes.RELEASE, ["1"])
    account = ProviderAccount.objects.create(name="SBC", slug="main", dialect="native")
    ApiKey.objects.create(account=account, label="SBC", prefix="cc_", sha256=hashlib.sha256(KEY.encode()).hexdigest())
    User.objects.create(
        username=SUPERVISOR,
        email="supervisor@example.com",
        is_staff=True,
        is_superuser=True,
        password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1),  # a portal checks it
    )
    # A CRM that nobody ever reaches.
    crm = CrmConnection.objects.create(name="CRM", slug="crm", url="http://127.0.0.1:9/customers", token="none")
    FieldMapping.objects.create(connection=crm, target="name", expression="name")


if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    seed()
