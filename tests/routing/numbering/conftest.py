"""A provider's API for numbers, and an account of it here."""

from collections.abc import Iterator

import pytest

from routing.models import ProviderAccount
from routing.numbering import NUMBERINGS
from tests.routing.numbering import provider_standin
from tests.routing.numbering.provider_standin import SECRET, USER, Provider


@pytest.fixture(params=sorted(NUMBERINGS))
def dialect(request: pytest.FixtureRequest) -> str:
    """Every provider whose numbers can be fetched."""
    return str(request.param)


@pytest.fixture
def provider(dialect: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """That provider, as a server of ours."""
    numbering = NUMBERINGS[dialect]
    with provider_standin.serving(dialect) as there:
        for name in ("base", "numbers_base"):
            if hasattr(numbering, name):
                monkeypatch.setattr(numbering, name, there.url)
        yield there


@pytest.fixture
def account(db: None, dialect: str) -> ProviderAccount:
    """Our account there."""
    return ProviderAccount.objects.create(
        name="Italy", slug="italy", dialect=dialect, secret="signing-secret", public_url="https://calls.example.com/",
        api_user="" if dialect == "telnyx" else USER, api_secret=SECRET, fallback_url="https://bins.example.com/b",
    )  # fmt: skip
