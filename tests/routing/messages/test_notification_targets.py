"""Who is notified is part of a release: by short name, without address or secret, and it comes back with a reset."""

from copy import deepcopy
from typing import Any

import pytest
from django.db.models import ProtectedError

from routing import publishing
from routing.differences import differences
from routing.document import canonical, render
from routing.models import Branch, Flow, NotificationTarget
from routing.release import compile_release
from routing.restoring import reset_draft
from tests.routing.documents import GOOD, Document, good
from tests.routing.draft import good_draft
from tests.routing.messages.desk_standin import WEBHOOK_SECRET

pytestmark = pytest.mark.django_db

GOLD = "Branch “Gold or platinum” of flow “Priority customers”"


def telling(branch: str | None = "key-accounts", everyone: str | None = None, **targets: str) -> Document:
    """GOOD, with targets by short name and who is notified of the first branch and of everyone else."""
    document = good()
    flow = document["flows"]["priority-customers"]
    flow["branches"][0] |= {"notify": branch} if branch else {}
    flow |= {"notify": everyone} if everyone else {}
    document["notification_targets"] = {slug: {"name": name} for slug, name in targets.items()}
    return document


KEY_ACCOUNTS = telling(**{"key-accounts": "Key accounts"})


@pytest.fixture
def draft() -> None:
    good_draft()


def test_a_document_brings_its_targets_back_and_takes_them_away(draft: None) -> None:
    for document in (
        KEY_ACCOUNTS,
        telling(everyone="other", **{"key-accounts": "Other", "other": "Key accounts"}),
        GOOD,
    ):
        reset_draft(deepcopy(document))
        assert render() == document
    assert not NotificationTarget.objects.exists()


def test_address_secret_and_switch_are_in_no_document_and_survive_a_reset(draft: None) -> None:
    reset_draft(KEY_ACCOUNTS)
    before = canonical(render())
    target = NotificationTarget.objects.get()
    target.url, target.secret, target.is_enabled = "https://events.example.com", WEBHOOK_SECRET, False
    target.with_caller = True
    target.save()
    assert canonical(render()) == before
    Branch.objects.update(notify=None)
    reset_draft(KEY_ACCOUNTS)
    again = NotificationTarget.objects.get()
    assert (again.url, again.secret, again.is_enabled, again.with_caller) == (target.url, WEBHOOK_SECRET, False, True)
    assert Branch.objects.get(slug="gold-or-platinum").notify == target


def test_a_release_with_notifications_can_be_decided_by(draft: None) -> None:
    assert compile_release(KEY_ACCOUNTS, 1).flows == compile_release(GOOD, 1).flows


def test_a_target_in_use_is_not_deleted(draft: None) -> None:
    reset_draft(KEY_ACCOUNTS)
    with pytest.raises(ProtectedError):
        NotificationTarget.objects.get().delete()


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        pytest.param(
            KEY_ACCOUNTS,
            [f"{GOLD}: then notifies Key accounts instead of nothing", "Notification target “Key accounts” is new."],
            id="a branch notifies",
        ),
        pytest.param(
            telling(None, "key-accounts", **{"key-accounts": "Key accounts"}),
            [
                "Flow “Priority customers”: then notifies Key accounts instead of nothing",
                "Notification target “Key accounts” is new.",
            ],
            id="everyone else",
        ),
    ],
)
def test_what_changes_is_told_in_words(new: Document, sentences: list[str]) -> None:
    assert [each.sentence for each in differences(GOOD, new)] == sentences
    assert len(differences(new, GOOD)) == len(sentences)


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        pytest.param({}, 0, id="all as it should be"),
        pytest.param({"is_enabled": False}, 2, id="switched off"),
        pytest.param({"url": ""}, 2, id="no address"),
        pytest.param({"secret": ""}, 2, id="no secret"),
    ],
)
def test_a_target_that_cannot_be_told_is_warned_of(draft: None, fields: dict[str, Any], count: int) -> None:
    reset_draft(telling(everyone="key-accounts", **{"key-accounts": "Key accounts"}))
    usual = {"url": "https://events.example.com", "secret": WEBHOOK_SECRET}
    for target in NotificationTarget.objects.all():
        for name, value in (usual | fields).items():
            setattr(target, name, value)
        target.save()
    found = [problem for problem in publishing.find_problems(render()) if "notifies" in problem.message]
    assert [problem.severity for problem in found] == ["warning"] * count
    assert [problem.path for problem in found][:1] == [("flows", "priority-customers", "branches", 0)][:count]


def test_flows_name_their_targets(draft: None) -> None:
    reset_draft(telling(everyone="key-accounts", **{"key-accounts": "Key accounts"}))
    assert Flow.objects.get(slug="priority-customers").notify == NotificationTarget.objects.get()
