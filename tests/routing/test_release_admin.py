"""The pages of releases: publishing, going back, resetting the draft, and who may."""

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from contactcenter.accounts.models import User
from queues.models import Queue
from routing import publishing
from routing.document import canonical, checksum, render
from routing.models import Flow, Number, ProviderAccount, Release

pytestmark = pytest.mark.django_db

PUBLISH = "/admin/routing/release/publish/"
LIST = "/admin/routing/release/"


@pytest.fixture
def changed(first: Release) -> Queue:
    """A queue of the draft that differs from release 1."""
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    return Queue.objects.get(slug="vip")


def text(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def form(note: str = "No head start.", **fields: Any) -> dict[str, Any]:
    """What the page sends while release 1 is live and the VIP queue is ticked."""
    return {"note": note, "seen": checksum(canonical(render())), "live": 1, "tick": ["queues:vip"], **fields}


def roll_back(release: Release) -> str:
    return reverse("admin:routing_release_roll_back", args=[release.pk])


def reset(release: Release) -> str:
    return reverse("admin:routing_release_reset", args=[release.pk])


def test_the_publish_page_has_the_address_that_others_link_to() -> None:
    assert reverse("admin:routing_release_publish") == PUBLISH


def test_the_publish_page_tells_what_changes(changed: Queue, supervisor_client: Client) -> None:
    page = text(supervisor_client.get(PUBLISH))
    assert "Queue “VIP”: head start 0 s instead of 300 s" in page
    assert 'value="Publish"' in page


def test_publishing_says_what_was_done_and_goes_to_the_releases(
    changed: Queue, supervisor: User, supervisor_client: Client
) -> None:
    answer = supervisor_client.post(PUBLISH, form(), follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "Release 2 is published. Calls follow it within 2 seconds." in text(answer)
    live = publishing.live()
    assert live is not None
    assert (live.number, live.note, live.published_by) == (2, "No head start.", supervisor)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"note": ""}, "This field is required.", id="without a note"),
        pytest.param({"note": "n" * 201}, "at most 200 characters", id="with a note that is too long"),
        pytest.param({"seen": "0" * 64}, "Somebody changed the draft while you were reading.", id="of another draft"),
    ],
)
def test_a_publication_is_refused(changed: Queue, supervisor_client: Client, fields: dict[str, str], said: str) -> None:
    assert said in text(supervisor_client.post(PUBLISH, form(**fields)))
    assert Release.objects.count() == 1


def test_errors_are_told_with_the_way_to_mend_them_and_without_a_button(
    first: Release, supervisor_client: Client
) -> None:
    Queue.objects.filter(slug="standard").update(overflow_to=Queue.objects.get(slug="vip"))
    page = text(supervisor_client.get(PUBLISH))
    assert "Priority overflows to Standard, which overflows to VIP, which overflows to Priority." in page
    assert reverse("admin:queues_queue_change", args=[Queue.objects.get(slug="priority").pk]) in page
    assert 'value="Publish"' not in page
    assert "Nothing was published" in text(supervisor_client.post(PUBLISH, form(tick=["queues:standard"])))
    assert publishing.live() == first


def test_problems_of_numbers_and_flows_lead_to_their_pages(first: Release, supervisor_client: Client) -> None:
    number = Number.objects.get(channel="voice")
    Number.objects.update(flow=None)
    page = text(supervisor_client.get(PUBLISH))
    assert reverse("admin:routing_number_change", args=[number.pk]) in page
    assert reverse("admin:routing_flow_change", args=[Flow.objects.get().pk]) in page


def test_nothing_to_publish_is_said(first: Release, supervisor_client: Client) -> None:
    page = text(supervisor_client.get(PUBLISH))
    assert "There is nothing to publish: the draft is what is live." in page
    assert 'value="Publish"' not in page
    assert "There is nothing to publish" in text(supervisor_client.post(PUBLISH, form()))


def test_an_empty_portal_has_a_publish_page(supervisor_client: Client) -> None:
    assert "No queue is the emergency queue" in text(supervisor_client.get(PUBLISH))


def test_names_are_told_as_they_are_and_never_as_markup(changed: Queue, supervisor_client: Client) -> None:
    Queue.objects.filter(pk=changed.pk).update(name="<b>VIP</b>")
    assert b"<b>VIP</b>" not in supervisor_client.get(PUBLISH).content


def test_the_list_marks_the_live_release(changed: Queue, supervisor_client: Client) -> None:
    publishing.publish("No head start.", None)
    page = text(supervisor_client.get(LIST))
    assert page.index("Release 2") < page.index("✓ live") < page.index("Release 1")
    assert page.count("✓ live") == 1


def test_a_release_tells_what_it_changed_and_how_the_draft_differs(
    changed: Queue, supervisor_client: Client, first: Release
) -> None:
    second = publishing.publish("No head start.", None)
    Queue.objects.filter(slug="vip").update(team="Stars")
    page = text(supervisor_client.get(reverse("admin:routing_release_change", args=[second.pk])))
    assert "Queue “VIP”: head start 0 s instead of 300 s" in page
    assert "Queue “VIP”: team Stars instead of VIP" in page
    assert "Live: calls follow this release" in page
    assert roll_back(second) not in page
    assert roll_back(first) in text(supervisor_client.get(reverse("admin:routing_release_change", args=[first.pk])))


def test_a_release_that_is_not_there_is_not_found(supervisor_client: Client) -> None:
    for address in ("/admin/routing/release/77/change/", "/admin/routing/release/77/roll-back/"):
        assert supervisor_client.get(address).status_code == 404


def test_going_back_is_confirmed_and_then_live(
    changed: Queue, first: Release, supervisor: User, supervisor_client: Client
) -> None:
    publishing.publish("No head start.", None)
    assert "Queue “VIP”: head start 300 s instead of 0 s" in text(supervisor_client.get(roll_back(first)))
    answer = supervisor_client.post(roll_back(first), {"note": "Better before."}, follow=True)
    assert "Release 3 is published. Calls follow it within 2 seconds." in text(answer)
    live = publishing.live()
    assert live is not None
    assert (live.document, live.rolled_back_from, live.published_by) == (first.document, 1, supervisor)


def test_a_reset_is_confirmed_and_then_the_draft_is_the_release(
    changed: Queue, first: Release, supervisor_client: Client
) -> None:
    assert "Queue “VIP”: head start 300 s instead of 0 s" in text(supervisor_client.get(reset(first)))
    answer = supervisor_client.post(reset(first), follow=True)
    assert "The draft is what release 1 holds." in text(answer)
    assert canonical(render()) == first.document
    assert Release.objects.count() == 1


def test_a_reset_that_cannot_be_says_why(changed: Queue, first: Release, supervisor_client: Client) -> None:
    ProviderAccount.objects.update(slug="other")
    answer = supervisor_client.post(reset(first), follow=True)
    assert "The provider account “telco” is missing" in text(answer)
    assert render()["queues"]["vip"]["head_start_s"] == 0


@pytest.mark.parametrize("who", ["stranger_client", "auditor_client", "client"])
def test_who_may_not_publish_changes_nothing(changed: Queue, first: Release, request: Any, who: str) -> None:
    browser: Client = request.getfixturevalue(who)
    second = publishing.publish("No head start.", None)
    Queue.objects.filter(slug="vip").update(team="Stars")
    before = render()
    for address in (PUBLISH, roll_back(first), reset(first)):
        answer = browser.post(address, form())
        # Whose login has run out finds his form again behind the login.
        assert answer.status_code in (302, 403) or "/login/" in answer.content.decode()
    assert publishing.live() == second
    assert render() == before


@pytest.mark.parametrize("who", ["stranger_client", "client"])
def test_the_stranger_sees_no_page_of_releases(first: Release, request: Any, who: str) -> None:
    browser: Client = request.getfixturevalue(who)
    for address in (LIST, PUBLISH, roll_back(first), reset(first)):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert "/admin/login/" in answer["Location"]


def test_the_auditor_looks_without_a_button(changed: Queue, first: Release, auditor_client: Client) -> None:
    page = text(auditor_client.get(PUBLISH))
    assert "head start 0 s instead of 300 s" in page
    assert 'value="Publish"' not in page
    detail = text(auditor_client.get(reverse("admin:routing_release_change", args=[first.pk])))
    assert roll_back(first) not in detail
    assert reset(first) not in detail


def test_staff_without_any_permission_are_refused(first: Release) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("newcomer", is_staff=True))
    for address in (LIST, PUBLISH, roll_back(first), reset(first)):
        assert browser.get(address).status_code == 403


def test_who_may_publish_only_can_do_so(changed: Queue) -> None:
    person = User.objects.create_user("publisher", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="publish_release"))
    browser = Client()
    browser.force_login(person)
    assert "Release 2 is published" in text(browser.post(PUBLISH, form(), follow=True))


def test_a_release_can_be_neither_edited_nor_deleted(first: Release, supervisor_client: Client) -> None:
    address = reverse("admin:routing_release_change", args=[first.pk])
    supervisor_client.post(address, {"note": "Altered."})
    assert supervisor_client.get(reverse("admin:routing_release_delete", args=[first.pk])).status_code == 403
    assert supervisor_client.get(reverse("admin:routing_release_add")).status_code == 403
    assert Release.objects.get().note == "The beginning."
