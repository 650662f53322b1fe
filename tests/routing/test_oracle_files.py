"""Random drafts leave as a file and come back: the same bytes, the same draft; what is in the way is named."""

from random import Random

import pytest

from queues import switches
from queues.models import PhoneSystem, Queue
from routing import config_file
from routing.document import canonical, render
from routing.models import BlockedCaller, Branch, ProviderAccount
from routing.restoring import CannotReset, reset_draft
from tests.routing.documents import GOOD, Document, good
from tests.routing.draft import good_draft
from tests.routing.test_oracle import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> None:
    ProviderAccount.objects.create(name="Telco", slug="telco", dialect="twilio", secret="signing-secret")


def a_draft(random: Random) -> Document:
    """One that forms would take: what speaks when a queue is closed or full is a number that can be dialled."""
    document: Document = a_document(random)
    del document["emergency_queue"]  # which turns nobody away
    for queue in document["queues"].values():
        queue |= {"closed_address": "+390299990000", "full_address": "+390299990000"}
    for branch in document["flows"]["priority-customers"]["branches"]:
        branch["label"] = "Branch"
        if branch["priority_class"] is None:
            del branch["priority_class"]
    return document


@pytest.mark.parametrize("seed", [1])
def test_a_random_draft_survives_its_file(account: None, seed: int) -> None:
    random = Random(seed)
    config_file.apply(a_draft(random))
    before, text = render(), config_file.write(render())
    config_file.apply(a_draft(random))
    config_file.apply(config_file.read(text))
    assert (config_file.write(render()), canonical(render())) == (text, canonical(before))


def test_a_branch_that_takes_everybody_survives_too(account: None) -> None:
    document = good()
    document["flows"]["priority-customers"]["branches"][1]["conditions"] = []
    config_file.apply(document)
    assert Branch.objects.get(slug="silver").conditions == []


@pytest.mark.parametrize("user", ["Blocked callers", "Switches"])
def test_what_is_in_use_at_this_moment_is_not_taken_away_and_it_is_said_by_whom(user: str) -> None:
    good_draft()
    system = PhoneSystem.objects.create(name="Spare", slug="spare", hosts="spare.example.net")
    queue = Queue.objects.create(name="Spare", slug="spare", phone_system=system)
    if user == "Switches":
        switches.announce("*", system, "8999", "fire alarm", None, None)
        queue.delete()
    else:
        BlockedCaller.objects.create(number="+390255501001", treatment="queue", queue=queue, reason="rude")
    with pytest.raises(CannotReset, match=user):
        reset_draft(GOOD)
