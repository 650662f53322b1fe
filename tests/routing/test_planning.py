"""Releases at a time: they go live and back when they should, and never take back what somebody published meanwhile."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import User
from queues.models import Queue
from routing import planning, publishing
from routing.admin.plan_pages import PlanTimes
from routing.document import render
from routing.models import Flow, PlannedRelease, Release
from routing.pending import pending
from tests.routing.draft import good_release

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
State = PlannedRelease.State


@pytest.fixture(autouse=True)
def live() -> None:
    """GOOD is live as release 1, and the draft gives VIPs a longer head start."""
    good_release()
    set_head_start(900)


def set_head_start(seconds: int) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=seconds)


def head_start() -> tuple[int, int]:
    """Release number, and the VIPs' head start in it."""
    release = publishing.live()
    assert release is not None
    return release.number, (publishing.contents(release) or {})["queues"]["vip"]["head_start_s"]


def planned(starts_at: datetime = SOON, ends_at: datetime | None = None) -> PlannedRelease:
    return planning.plan("Black Friday", starts_at, ends_at, by=None)


def state_of(plan: PlannedRelease) -> State:
    plan.refresh_from_db()
    return State(plan.state)


def test_it_goes_live_at_its_time_and_not_before() -> None:
    plan = planned()
    assert planning.carry_out(SOON - timedelta(seconds=1)) == 0
    assert head_start() == (1, 300)
    assert planning.carry_out(SOON) == 1
    assert head_start() == (2, 900)
    assert state_of(plan) == State.DONE
    assert planning.carry_out(LATER) == 0


def test_it_goes_back_at_its_end() -> None:
    plan = planned(ends_at=LATER)
    planning.carry_out(SOON)
    assert (head_start(), state_of(plan)) == ((2, 900), State.LIVE)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((3, 300), State.DONE)


def test_it_publishes_what_was_planned_and_not_what_was_drafted_since() -> None:
    planned()
    set_head_start(5)
    planning.carry_out(SOON)
    assert head_start() == (2, 900)


def rename_standard(name: str) -> None:
    """What a colleague does beside the plan."""
    Queue.objects.filter(slug="standard").update(name=name)


def live_names() -> set[str]:
    return {queue["name"] for queue in (publishing.contents(publishing.live()) or {})["queues"].values()}


def test_what_somebody_publishes_before_it_stays_beside_it() -> None:
    plan = planned()
    set_head_start(300)
    rename_standard("Everybody")
    publishing.publish("a new name", by=None)
    planning.carry_out(SOON)
    assert (head_start(), state_of(plan)) == ((3, 900), State.DONE)
    assert "Everybody" in live_names()


def test_what_somebody_publishes_during_it_stays_at_its_end() -> None:
    plan = planned(ends_at=LATER)
    planning.carry_out(SOON)
    rename_standard("Everybody")
    publishing.publish("a new name", by=None)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((4, 300), State.DONE)
    assert "Everybody" in live_names()
    ended = publishing.live()
    assert ended is not None
    (left,) = pending(ended, render())
    assert left.thing == ("queues", "vip")
    assert left.withdrawn == ended, "what went back stays in the draft, marked"
    earlier = publishing.before(ended)
    assert earlier is not None
    assert earlier.number == 3, "back from there is to what was live until then"


def test_a_plan_in_a_plan_ends_alone() -> None:
    outer = planned(ends_at=LATER)
    planning.carry_out(SOON)
    rename_standard("Everybody")
    inner = planned(SOON, LATER - timedelta(minutes=30))
    planning.carry_out(SOON)
    assert "Everybody" in live_names()
    planning.carry_out(LATER - timedelta(minutes=30))
    assert (head_start()[1], "Everybody" in live_names()) == (900, False)
    planning.carry_out(LATER)
    assert (head_start()[1], state_of(outer), state_of(inner)) == (300, State.DONE, State.DONE)


def test_the_same_thing_published_meanwhile_is_not_lost() -> None:
    plan = planned()
    set_head_start(42)
    publishing.publish("in a hurry", by=None)
    planning.carry_out(SOON)
    assert (head_start(), state_of(plan)) == ((2, 42), State.FAILED)
    assert plan.problem.startswith("Queue “VIP” changed meanwhile, with release 2 of")


def test_the_same_thing_published_during_it_is_not_taken_back_at_its_end() -> None:
    plan = planned(ends_at=LATER)
    planning.carry_out(SOON)
    set_head_start(42)
    publishing.publish("in a hurry", by=None)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((3, 42), State.FAILED)


def test_what_was_rolled_back_by_hand_has_ended_well() -> None:
    plan = planned(ends_at=LATER)
    planning.carry_out(SOON)
    publishing.roll_back(Release.objects.get(number=1), "too early", by=None)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((3, 300), State.DONE)


def test_an_end_that_would_break_what_was_published_since_is_not_done() -> None:
    standing_in = Queue.objects.get(slug="standard")
    standing_in.pk, standing_in.name, standing_in.slug, standing_in.is_emergency = None, "Fair", "fair", False
    standing_in.save()
    plan = planned(ends_at=LATER)
    planning.carry_out(SOON)
    Flow.objects.update(last_path=standing_in)
    publishing.publish("they help at the fair", by=None)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((3, 900), State.FAILED)
    assert plan.problem.startswith("Flow “")


def test_one_that_nobody_began_in_time_is_not_begun_after_its_end() -> None:
    plan = planned(ends_at=LATER)
    planning.carry_out(LATER)
    assert (head_start(), state_of(plan)) == ((1, 300), State.FAILED)


def test_a_cancelled_plan_does_nothing_and_a_live_one_stays_live() -> None:
    waiting, begun = planned(LATER), planned(ends_at=LATER)
    assert planning.cancel(waiting)
    planning.carry_out(SOON)
    assert planning.cancel(begun)
    planning.carry_out(LATER)
    assert head_start() == (2, 900)
    assert not planning.cancel(waiting)


def test_a_draft_with_errors_cannot_be_planned() -> None:
    Queue.objects.filter(slug="vip").update(voice_address="")
    with pytest.raises(publishing.NotPublishable):
        planned()
    assert not PlannedRelease.objects.exists()


def test_nothing_is_planned_where_nothing_differs() -> None:
    set_head_start(300)
    with pytest.raises(publishing.NothingToPublish):
        planned()


TIMES = {"starts_at": "", "ends_at": ""}


def form_of(client: Client, **fields: str) -> dict[str, str]:
    seen = client.get("/admin/routing/release/publish/").context["form"]["seen"].value()
    return {"note": "Black Friday", "seen": seen, "live": "1", "tick": "queues:vip", **TIMES, **fields}


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def test_the_page_plans_lists_and_cancels(admin_client: Client) -> None:
    sent = form_of(admin_client, starts_at=local(SOON), ends_at=local(LATER))
    page = admin_client.post("/admin/routing/release/publish/", sent, follow=True).content.decode()
    assert "Planned: it goes live on" in page
    plan = PlannedRelease.objects.get()
    assert f"/admin/routing/release/plans/{plan.pk}/cancel/" in page
    page = admin_client.post(f"/admin/routing/release/plans/{plan.pk}/cancel/", follow=True).content.decode()
    assert "is cancelled" in page
    assert state_of(plan) == State.CANCELLED


def test_with_an_end_only_it_is_live_at_once(admin_client: Client) -> None:
    page = admin_client.post(
        "/admin/routing/release/publish/", form_of(admin_client, ends_at=local(LATER)), follow=True
    )
    assert "It is live. It goes back on" in page.content.decode()
    assert head_start() == (2, 900)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"starts_at": "2020-01-01T10:00"}, "starts_at", id="a time that is over"),
        pytest.param({"ends_at": "2020-01-01T10:00"}, "ends_at", id="an end that is over"),
        pytest.param({"starts_at": local(LATER), "ends_at": local(SOON)}, "ends_at", id="an end before the beginning"),
        pytest.param({"starts_at": "tomorrow"}, "starts_at", id="a word"),
    ],
)
def test_times_that_make_no_sense_are_refused_at_the_field(fields: dict[str, str], field: str) -> None:
    assert list(PlanTimes(TIMES | fields).errors) == [field]


def test_what_was_planned_for_a_time_that_is_over_is_shown_again(admin_client: Client) -> None:
    sent = form_of(admin_client, starts_at="2020-01-01T10:00")
    answer = admin_client.post("/admin/routing/release/publish/", sent)
    assert list(answer.context["form"].errors) == ["starts_at"]
    assert not PlannedRelease.objects.exists()
    assert 'class="plan" open' in answer.content.decode()


def test_home_says_what_was_planned_and_not_done(admin_client: Client) -> None:
    plan = planned()
    PlannedRelease.objects.filter(pk=plan.pk).update(state=State.FAILED, problem="Nobody was there.")
    assert "Planned, but not done: Black Friday. Nobody was there." in admin_client.get("/admin/").content.decode()


def test_home_and_the_page_that_publishes_say_what_is_ahead(admin_client: Client) -> None:
    planned(LATER)
    planned(ends_at=LATER + timedelta(days=9))
    planning.carry_out(SOON)
    for address in ("/admin/", "/admin/routing/release/publish/"):
        page = admin_client.get(address).content.decode()
        assert "“Black Friday” goes live on" in page
        assert "“Black Friday” goes back on" in page


def test_an_end_that_was_not_done_is_told_at_home_long_after_the_beginning(admin_client: Client) -> None:
    plan = planned(NOW - timedelta(days=30), NOW + timedelta(hours=1))
    PlannedRelease.objects.filter(pk=plan.pk).update(state=State.FAILED, problem="Somebody was faster.")
    assert "Somebody was faster." in admin_client.get("/admin/").content.decode()


def test_a_release_that_takes_back_in_part_says_so(admin_client: Client) -> None:
    planned(ends_at=LATER)
    planning.carry_out(SOON)
    rename_standard("Everybody")
    publishing.publish("a new name", by=None)
    planning.carry_out(LATER)
    publishing.roll_back(Release.objects.get(number=3), "again", by=None)
    page = admin_client.get("/admin/routing/release/").content.decode()
    assert re.findall('contents_of">(.*?)</td>', page) == ["Release 3", "Release 1, in part", "-", "-", "-"]


def test_only_who_may_publish_may_cancel(client: Client, auditor: User) -> None:
    plan = planned()
    client.force_login(auditor)
    assert client.post(f"/admin/routing/release/plans/{plan.pk}/cancel/").status_code == 403
    assert state_of(plan) == State.WAITING
