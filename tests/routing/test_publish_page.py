"""Ticking on the publish page: mine is ticked, what others did is not, and nothing is published that is not whole."""

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Team
from customers.models import LoyaltyTier
from queues.models import Queue
from routing import publishing
from routing.admin.places import urls_to_mend
from routing.document import canonical, checksum, render
from routing.models import Flow, Release
from routing.problems import Problem
from routing.references import EMERGENCY
from tests.routing.bad_documents import BAD, Bad
from tests.routing.documents import GOOD, branch, flow_of, good

pytestmark = pytest.mark.django_db

PUBLISH, LIST = "/admin/routing/release/publish/", "/admin/routing/release/"


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.bulk_create([User(username="bob")])[0]


@pytest.fixture
def mine_and_bobs(first: Release, supervisor: User, bob: User) -> None:
    """The supervisor changed a queue, Bob a tier."""
    save(Queue.objects.get(slug="vip"), supervisor, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), bob, name="Oro")


def save(thing: Any, by: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(thing, name, value)
    thing._history_user = by
    thing.save()


def sent(*ticked: str, **fields: Any) -> dict[str, Any]:
    live = publishing.live()
    seen = {"seen": checksum(canonical(render())), "live": live.number if live else ""}
    return {"note": "Some of it.", "tick": ticked, **seen, **fields}


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def ticks(answer: Any) -> dict[str, bool]:
    return {row.value: row.ticked for _title, rows in answer.context["groups"] for row in rows}


def test_mine_is_ticked_and_what_others_did_is_not(mine_and_bobs: None, supervisor_client: Client) -> None:
    answer = supervisor_client.get(PUBLISH)
    assert ticks(answer) == {"queues:vip": True, "tiers:gold": False}
    assert "changed by you" in text(answer)
    assert "changed by bob" in text(answer)


def test_what_i_changed_with_somebody_names_us_both(
    mine_and_bobs: None, supervisor: User, supervisor_client: Client
) -> None:
    save(LoyaltyTier.objects.get(slug="gold"), supervisor, rank=9)
    answer = supervisor_client.get(PUBLISH)
    assert ticks(answer)["tiers:gold"]
    assert "changed by bob, you" in text(answer)


def test_of_the_first_release_everything_is_ticked(first: Release, bob: User, supervisor_client: Client) -> None:
    Release.objects.all().delete()
    save(Queue.objects.get(slug="vip"), bob, head_start_s=0)
    answer = supervisor_client.get(PUBLISH)
    assert all(ticks(answer).values())
    everything = list(ticks(answer))
    assert "Release 1 is published" in text(supervisor_client.post(PUBLISH, sent(*everything), follow=True))
    assert publishing.draft_differs() == []


def test_what_is_not_ticked_stays_in_the_draft(mine_and_bobs: None, supervisor_client: Client) -> None:
    page = text(supervisor_client.post(PUBLISH, sent("queues:vip"), follow=True))
    assert "Release 2 is published" in page
    assert "1 changed thing stays in the draft." in page
    assert [each.sentence for each in publishing.draft_differs()] == ["Tier “Oro”: name Oro instead of Gold"]


def test_nothing_ticked_is_said_and_nothing_is_lost(mine_and_bobs: None, supervisor_client: Client) -> None:
    answer = supervisor_client.post(PUBLISH, sent(note="What I typed", ends_at=""))
    assert "Nothing is ticked." in text(answer)
    assert 'value="What I typed"' in text(answer)
    assert not any(ticks(answer).values())
    assert Release.objects.count() == 1


def test_checking_publishes_nothing(mine_and_bobs: None, supervisor_client: Client) -> None:
    answer = supervisor_client.post(PUBLISH, sent("tiers:gold", note="", check="again"))
    assert ticks(answer) == {"queues:vip": False, "tiers:gold": True}
    assert "This field is required" not in text(answer)
    assert Release.objects.count() == 1


def test_what_is_needed_is_told_and_can_be_ticked(first: Release, bob: User, supervisor_client: Client) -> None:
    night = Queue(name="Night", slug="night", phone_system=Queue.objects.get(slug="vip").phone_system)
    desk = Queue.objects.get(slug="vip").help_desk
    save(night, bob, voice_address="8009", help_desk=desk, team="Night")
    Flow.objects.update(last_path=night)
    page = text(supervisor_client.post(PUBLISH, sent("flows:priority-customers")))
    assert "Nothing was published: what you ticked needs more." in page
    assert "Flow “Priority customers” also needs: Queue “Night”" in page
    assert "changed by bob" in page
    assert 'value="Publish"' not in page
    again = supervisor_client.post(PUBLISH, sent("flows:priority-customers", check="needed"))
    assert ticks(again) == {"flows:priority-customers": True, "queues:night": True}
    assert 'value="Publish"' in text(again)


def test_what_was_withdrawn_is_marked_and_not_ticked(
    mine_and_bobs: None, first: Release, supervisor_client: Client
) -> None:
    supervisor_client.post(PUBLISH, sent("queues:vip"))
    back = {"note": "Back to release 1", "live": 2}
    page = text(supervisor_client.post(f"{LIST}{first.pk}/roll-back/", back, follow=True))
    assert "What was taken back stays in the draft, marked as withdrawn." in page
    answer = supervisor_client.get(PUBLISH)
    assert ticks(answer) == {"queues:vip": False, "tiers:gold": False}
    assert "Withdrawn: supervisor rolled it back on" in text(answer)


def test_one_click_goes_back_and_never_over_what_it_did_not_show(
    mine_and_bobs: None, first: Release, supervisor_client: Client
) -> None:
    supervisor_client.post(PUBLISH, sent("queues:vip"))
    page = text(supervisor_client.get(LIST))
    assert "Roll back to release 1 now" in page
    assert "Roll back to release 1 now" in text(supervisor_client.get("/admin/"))
    assert "Queue “VIP”: head start 300 s instead of 0 s" in page
    supervisor_client.post(PUBLISH, sent("tiers:gold"))
    too_late = supervisor_client.post(f"{LIST}{first.pk}/roll-back/", {"note": "Back", "live": 2})
    assert "Release 3 was published by supervisor while you were reading." in text(too_late)
    assert Release.objects.count() == 3


def test_there_is_no_way_back_before_the_second_release(first: Release, supervisor_client: Client) -> None:
    assert "Roll back to release" not in text(supervisor_client.get(LIST))


def test_a_release_that_came_between_is_told(mine_and_bobs: None, bob: User, supervisor_client: Client) -> None:
    mine = sent("queues:vip")
    choice = publishing.Choice(mine["seen"], 1, frozenset({("tiers", "gold")}))
    publishing.publish("Bob's.", bob, choice)
    answer = supervisor_client.post(PUBLISH, mine)
    assert "Release 2 was published by bob while you were reading." in text(answer)
    assert ticks(answer) == {"queues:vip": True}
    assert Release.objects.count() == 2


def test_a_team_ticks_its_own_and_sees_nothing_of_another(
    mine_and_bobs: None, supervisor: User, supervisor_client: Client
) -> None:
    sales, service = Team.objects.create(name="Sales"), Team.objects.create(name="Service")
    sales.people.add(supervisor)
    save(Queue.objects.get(slug="standard"), supervisor, head_start_s=5)
    save(Queue.objects.get(slug="priority"), supervisor, head_start_s=5)
    Queue.objects.filter(slug="vip").update(belongs_to=service)
    Queue.objects.filter(slug="standard").update(belongs_to=sales)
    answer = supervisor_client.get(PUBLISH)
    assert ticks(answer) == {"queues:standard": True, "queues:priority": False, "tiers:gold": False}
    assert "It does not belong to your team: others publish it." in text(answer)
    supervisor_client.post(PUBLISH, sent("queues:standard", "queues:vip", "queues:priority"))
    assert {each.path[1] for each in publishing.draft_differs()} == {"vip", "priority", "gold"}


def test_what_a_team_cannot_tick_is_not_offered(
    first: Release, supervisor: User, supervisor_client: Client, bob: User
) -> None:
    sales, service = Team.objects.create(name="Sales"), Team.objects.create(name="Service")
    sales.people.add(supervisor)
    night = Queue(name="Night", slug="night", phone_system=Queue.objects.get(slug="vip").phone_system)
    save(night, bob, voice_address="8009", belongs_to=service)
    Flow.objects.update(last_path=night, belongs_to=sales)
    page = text(supervisor_client.post(PUBLISH, sent("flows:priority-customers")))
    assert "also needs: Queue “Night”" in page
    assert "Part of it does not belong to your team" in page
    assert "Tick this as well" not in page


def test_a_team_does_not_take_back_what_is_not_its_own(
    mine_and_bobs: None, first: Release, supervisor: User, supervisor_client: Client
) -> None:
    supervisor_client.post(PUBLISH, sent("queues:vip"))
    sales, service = Team.objects.create(name="Sales"), Team.objects.create(name="Service")
    sales.people.add(supervisor)
    Queue.objects.filter(slug="vip").update(belongs_to=service)
    draft = render()
    for page, fields in (("roll-back", {"note": "Back", "live": 2}), ("reset-draft", {})):
        said = text(supervisor_client.post(f"{LIST}{first.pk}/{page}/", fields))
        assert "Going back would change it, too." in said
        assert "Queue “VIP”" in said
    assert (Release.objects.count(), render()) == (2, draft)


def test_the_auditor_sees_everything_and_no_tick_box(mine_and_bobs: None, auditor_client: Client) -> None:
    page = text(auditor_client.get(PUBLISH))
    assert "changed by bob" in page
    assert 'type="checkbox" name="tick"' not in page
    publishing.publish("All of it.", None)
    for address in ("/admin/", LIST):
        assert "Roll back to release" not in text(auditor_client.get(address))


def test_a_newcomer_without_the_right_ticks_nothing(mine_and_bobs: None) -> None:
    person = User.objects.create_user("reader", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_release"))
    browser = Client()
    browser.force_login(person)
    assert browser.post(PUBLISH, sent("queues:vip")).status_code == 403


def look(person: User) -> Any:
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_every_kind_of_problem_leads_to_the_field_where_it_is_mended(
    first: Release, supervisor: User, supervisor_client: Client
) -> None:
    found = {bad.path[:1] + bad.path[2:4]: bad.path for bad in BAD if in_good(bad)}.values()
    paths = [of_the_first(path) for path in found]
    urls = urls_to_mend(look(supervisor), [Problem("error", path, "") for path in paths], good())
    pages = {url.partition("#")[0] for url in urls.values()}
    html = {page: supervisor_client.get(page).content.decode() for page in pages}
    anchors = {path: url.partition("#") for path, url in urls.items() if path != (EMERGENCY,)}
    assert {path: f'id="{anchor}"' in html[page] for path, (page, _hash, anchor) in anchors.items()} == {
        path: True for path in paths if path != (EMERGENCY,)
    }
    assert len(anchors) > 10


def of_the_first(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same place in the first thing of its kind: one page of each kind is enough."""
    part, *more = path
    return (part, next(iter(GOOD[part])), *more[1:]) if more else path


def in_good(bad: Bad) -> bool:
    """Whether the thing that is told of is in GOOD; the rest of its page is like that of others."""
    part, key, field, *rest = (*bad.path, "", "", 0)
    return part == EMERGENCY or (key in GOOD[part] and not (field in ("branches", "steps") and rest[0] > 1))


def test_a_row_is_found_where_the_draft_has_it(first: Release, supervisor: User) -> None:
    before = good()
    flow_of(before)["branches"].append(branch("gone", "Gone", "vip", []))
    flow = Flow.objects.get()
    flow.branches.filter(slug="gold-or-platinum").update(position=99)
    paths = [("flows", flow.slug, "branches", place, "conditions") for place in (0, 1, 2)]
    urls = urls_to_mend(look(supervisor), [Problem("error", path, "") for path in paths], before)
    assert [url.partition("#")[2] for url in urls.values()] == ["branches-1", "branches-0", "branches-group"]
