"""GOOD in the database: as the draft that tests begin with, and as release 1."""

from routing import publishing
from routing.models import ProviderAccount, Release
from routing.restoring import reset_draft
from tests.replaying import replayed
from tests.routing.documents import good


def good_draft() -> None:
    """GOOD as the draft of an empty portal, nothing published."""
    replayed("good draft", _write)


def good_release() -> Release:
    """The same draft, and as release 1."""
    good_draft()
    replayed("good release", lambda: publishing.publish("The beginning.", None))
    return Release.objects.get()


def _write() -> None:
    ProviderAccount.objects.create(name="Telco", slug="telco", dialect="twilio", secret="signing-secret")
    reset_draft(good())
