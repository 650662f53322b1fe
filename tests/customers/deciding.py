"""What a decide server needs to answer calls in a test: a release, an account and a key."""

import hashlib

from contactcenter.foundation import changes
from routing.models import ApiKey, ProviderAccount, Release
from tests.routing import live_folder
from tests.routing.decide_server import KEY


def seed() -> None:
    """Into the database; the courier carries it."""
    text = live_folder.canonical(live_folder.demo_document())
    Release.objects.create(number=1, document=text, sha256=hashlib.sha256(text.encode()).hexdigest(), note="First.")
    changes.mark(changes.RELEASE, ["1"])
    account = ProviderAccount.objects.create(name="SBC", slug="main", dialect="native")
    ApiKey.objects.create(account=account, label="SBC", prefix="cc_", sha256=hashlib.sha256(KEY.encode()).hexdigest())
