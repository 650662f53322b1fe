"""What waits in the draft: whose it is, what was withdrawn, and what goes live when only some of it is ticked."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contactcenter.accounts.models import User
from customers.models import LoyaltyTier
from queues.models import Calendar, OpeningHours, Queue
from routing import pending as pending_module
from routing import planning, publishing
from routing.document import canonical, checksum, render
from routing.models import Branch, Flow, Number, Release, SampleCall
from routing.pending import Pending, pending
from routing.publishing import Choice
from routing.references import EMERGENCY, Thing

pytestmark = pytest.mark.django_db

VIP, FLOW, GOLD, OFFICE = (
    ("queues", "vip"),
    ("flows", "priority-customers"),
    ("tiers", "gold"),
    ("calendars", "office"),
)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.bulk_create([User(username="ada")])[0]


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.bulk_create([User(username="bob")])[0]


def save(thing: Any, by: User | None, **values: Any) -> None:
    """Change a thing as this person does in a form."""
    for name, value in values.items():
        setattr(thing, name, value)
    thing._history_user = by
    thing.save()


def delete(thing: Any, by: User) -> None:
    thing._history_user = by
    thing.delete()


def vip() -> Queue:
    return Queue.objects.get(slug="vip")


def waiting() -> dict[Thing, Pending]:
    return {each.thing: each for each in pending(publishing.live(), render())}


def authors_of(thing: Thing) -> list[str]:
    return [str(person) for person in waiting()[thing].authors]


def choice(*ticked: Thing) -> Choice:
    """What somebody sends who looks at the page now and ticks these."""
    release = publishing.live()
    return Choice(checksum(canonical(render())), release.number if release else None, frozenset(ticked))


def publish(*ticked: Thing) -> Release:
    return publishing.publish("Some of it.", None, choice(*ticked))


@pytest.mark.portable
def test_what_somebody_changed_is_his(first: Release, ada: User, bob: User) -> None:
    save(vip(), ada, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), bob, name="Oro")
    assert (authors_of(VIP), authors_of(GOLD)) == (["ada"], ["bob"])


def test_what_two_people_changed_names_both(first: Release, ada: User, bob: User) -> None:
    save(vip(), bob, head_start_s=0)
    save(vip(), ada, team="Stars")
    assert authors_of(VIP) == ["ada", "bob"]


def test_whoever_changes_a_row_has_changed_what_it_belongs_to(first: Release, ada: User, bob: User) -> None:
    save(Branch.objects.get(slug="gold-or-platinum"), ada, queue=Queue.objects.get(slug="priority"))
    save(OpeningHours.objects.all()[0], bob, closes="17:00")
    delete(Branch.objects.get(slug="silver"), bob)
    assert (authors_of(FLOW), authors_of(OFFICE)) == (["ada", "bob"], ["bob"])


def test_what_was_added_deleted_or_renamed_has_an_author(first: Release, ada: User, bob: User) -> None:
    save(Calendar(name="Nights", slug="nights", time_zone="Europe/Rome"), ada)
    delete(Number.objects.get(channel="whatsapp"), bob)
    save(vip(), ada, slug="best")
    found = waiting()
    assert {thing: [str(person) for person in each.authors] for thing, each in found.items() if thing != FLOW} == {
        ("calendars", "nights"): ["ada"],
        ("numbers", "whatsapp:+390212345678"): ["bob"],
        ("queues", "vip"): ["ada"],
        ("queues", "best"): ["ada"],
    }


def test_what_a_program_changed_has_no_author(first: Release) -> None:
    save(vip(), None, head_start_s=0)
    Queue.objects.filter(slug="standard").update(team="Others")
    assert {each.authors for each in waiting().values()} == {()}


def test_what_went_live_is_nobodys_change_any_more(first: Release, ada: User, bob: User) -> None:
    save(vip(), ada, head_start_s=0)
    publish(VIP)
    save(vip(), bob, head_start_s=10)
    assert authors_of(VIP) == ["bob"]


def test_who_made_a_thing_that_is_live_has_not_changed_it(first: Release, ada: User, bob: User) -> None:
    Release.objects.all().delete()
    save(vip(), ada, head_start_s=5)
    save(Queue(name="Night", slug="night", phone_system=vip().phone_system, voice_address="8009"), ada)
    publish(*[thing for thing in waiting() if thing != ("queues", "night")])
    save(vip(), bob, head_start_s=0)
    assert (authors_of(VIP), authors_of(("queues", "night"))) == (["bob"], ["ada"])


def test_an_author_stays_known_while_others_publish(first: Release, ada: User, bob: User) -> None:
    save(vip(), ada, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), bob, name="Oro")
    publish(GOLD)
    assert authors_of(VIP) == ["ada"]


def test_the_emergency_queue_is_changed_by_whoever_changed_the_queues(first: Release, ada: User) -> None:
    save(Queue.objects.get(slug="standard"), ada, is_emergency=False)
    save(vip(), ada, is_emergency=True)
    found = waiting()[EMERGENCY, ""]
    assert ([str(person) for person in found.authors], found.title) == (["ada"], "Emergency queue")


def test_many_changes_of_a_part_are_one_row(first: Release, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_module, "MOST_OF_A_PART", 2)
    for queue in Queue.objects.all():
        save(queue, ada, head_start_s=7)
    save(LoyaltyTier.objects.get(slug="gold"), ada, name="Oro")
    found = waiting()
    assert list(found) == [("queues", ""), GOLD]
    assert (len(found["queues", ""].things), authors_of(("queues", ""))) == (3, ["ada"])
    publish(("queues", ""))
    assert list(waiting()) == [GOLD]


def test_only_what_is_ticked_goes_live(first: Release) -> None:
    save(vip(), None, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), None, name="Oro")
    before, draft = publishing.contents(first) or {}, render()
    release = publish(VIP)
    document = publishing.contents(release) or {}
    assert (document["queues"], document["tiers"]) == (draft["queues"], before["tiers"])
    assert list(waiting()) == [GOLD]
    assert publish(GOLD).document == canonical(draft)


def test_what_is_needed_is_named_and_nothing_goes_live(first: Release) -> None:
    night = Queue.objects.create(name="Night", slug="night", phone_system=vip().phone_system, voice_address="8009")
    Flow.objects.update(last_path=night)
    with pytest.raises(publishing.NotWhole) as refusal:
        publish(FLOW)
    assert [lack.needs for lack in refusal.value.lacks] == [("queues", "night")]
    assert publishing.live() == first


def test_problems_are_those_of_what_is_ticked(first: Release) -> None:
    save(vip(), None, head_start_s=0)
    Queue.objects.filter(slug="standard").update(overflow_to=vip())
    with pytest.raises(publishing.NotPublishable):
        publishing.publish("All.", None)
    assert publish(VIP).number == 2
    with pytest.raises(publishing.NotPublishable):
        publish(("queues", "standard"))


def test_nobody_publishes_over_a_release_that_he_has_not_seen(first: Release, ada: User) -> None:
    save(vip(), None, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), None, name="Oro")
    seen_by_ada = choice(VIP)
    second = publish(GOLD)
    with pytest.raises(publishing.LiveChanged) as refusal:
        publishing.publish("Mine.", ada, seen_by_ada)
    assert refusal.value.release == second
    assert publish(VIP).document == canonical(render())


@pytest.mark.portable
def test_what_is_rolled_back_is_withdrawn_until_somebody_edits_it(first: Release, ada: User, bob: User) -> None:
    save(vip(), ada, head_start_s=0)
    save(LoyaltyTier.objects.get(slug="gold"), ada, name="Oro")
    publish(VIP, GOLD)
    back = publishing.roll_back(first, "Back.", bob)
    assert {thing: each.withdrawn for thing, each in waiting().items()} == {VIP: back, GOLD: back}
    save(vip(), bob, head_start_s=20)
    assert {thing: each.withdrawn for thing, each in waiting().items()} == {VIP: None, GOLD: back}
    assert authors_of(VIP) == ["bob"]


def test_what_was_withdrawn_stays_so_while_others_publish(first: Release, ada: User) -> None:
    save(vip(), ada, head_start_s=0)
    publish(VIP)
    back = publishing.roll_back(first, "Back.", None)
    save(LoyaltyTier.objects.get(slug="gold"), ada, name="Oro")
    publish(GOLD)
    assert waiting()[VIP].withdrawn == back
    publish(VIP)
    assert waiting() == {}


def test_a_planned_release_that_ended_leaves_its_changes_withdrawn(first: Release) -> None:
    save(vip(), None, head_start_s=900)
    save(LoyaltyTier.objects.get(slug="gold"), None, name="Oro")
    now = timezone.now()
    plan = planning.plan("Black Friday", now, now + timedelta(hours=2), None, choice(VIP))
    planning.carry_out(now)
    document = publishing.contents(publishing.live()) or {}
    assert (document["queues"]["vip"]["head_start_s"], document["tiers"]["gold"]["name"]) == (900, "Gold")
    planning.carry_out(now + timedelta(hours=2))
    plan.refresh_from_db()
    assert {thing: bool(each.withdrawn) for thing, each in waiting().items()} == {VIP: True, GOLD: False}


def test_the_way_back_leads_to_what_was_live_before(first: Release) -> None:
    assert publishing.before(first) is None
    save(vip(), None, head_start_s=0)
    second = publish(VIP)
    save(vip(), None, head_start_s=1)
    third = publish(VIP)
    assert publishing.before(third) == second
    assert publishing.before(publishing.roll_back(second, "Back.", None)) == first
    assert publishing.before(publishing.roll_back(third, "Forward.", None)) == second


def sample(expected: str, **fields: Any) -> SampleCall:
    queue = Queue.objects.get(slug=expected)
    return SampleCall.objects.create(flow=Flow.objects.get(), name=f"to {expected}", expected=queue, **fields)


def test_a_sample_call_that_waits_for_what_is_not_ticked_only_warns(first: Release) -> None:
    save(vip(), None, head_start_s=0)
    save(Flow.objects.get(), None, last_path=vip())
    sample("vip")
    assert publish(VIP).number == 2
    assert publish(FLOW).number == 3


def test_a_sample_call_that_passes_live_must_still_pass(first: Release) -> None:
    sample("standard")
    save(Flow.objects.get(), None, last_path=vip())
    save(LoyaltyTier.objects.get(slug="gold"), None, name="Oro")
    with pytest.raises(publishing.NotPublishable):
        publish(FLOW)
    assert publish(GOLD).number == 2
