"""Free names: what is wanted, or that and the first free number."""

import pytest

from contactcenter.foundation.free_names import free_name
from queues.models import PhoneSystem

MANY = ["pbx", *(f"pbx-{n}" for n in range(2, 1200))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("taken", "free"),
    [
        pytest.param([], "pbx", id="nobody has it"),
        pytest.param(["pbx-2", "pbx-old"], "pbx", id="others begin like it"),
        pytest.param(["pbx"], "pbx-2", id="somebody has it"),
        pytest.param(["pbx", "pbx-3"], "pbx-2", id="a gap is filled"),
        pytest.param(MANY, "pbx-1200", id="more than a thousand have it"),
    ],
)
def test_the_first_free_name(taken: list[str], free: str) -> None:
    PhoneSystem.objects.bulk_create(PhoneSystem(slug=slug, name=slug) for slug in taken)
    assert free_name(PhoneSystem, "slug", "pbx") == free


@pytest.mark.django_db
def test_words_are_followed_by_a_space_and_the_number() -> None:
    PhoneSystem.objects.create(slug="pbx", name="VIP list")
    assert free_name(PhoneSystem, "name", "VIP list", " ") == "VIP list 2"
