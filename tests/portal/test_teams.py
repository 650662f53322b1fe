"""People limited to teams: what they see, what they change, and that nobody gets round it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts import roles
from contactcenter.accounts.models import User
from contactcenter.foundation import teams
from contactcenter.foundation.models import Team
from queues.models import PhoneSystem, Queue, QueueState, Switch
from routing.models import Branch, Flow, Number, ProviderAccount

pytestmark = pytest.mark.django_db

FOUND, REFUSED, GONE = 200, 403, 302
"""A page; “you may not”; Django's way home with “it does not exist”."""


@dataclass
class Things:
    """A number, a flow and a queue of one team, or of none."""

    queue: Queue
    flow: Flow
    number: Number


def things_of(team: Team | None, name: str, address: str) -> Things:
    account, _made = ProviderAccount.objects.get_or_create(name="Provider", slug="provider", dialect="native")
    queue = Queue.objects.create(name=f"{name} queue", slug=f"{name}-queue", belongs_to=team)
    flow = Flow.objects.create(name=f"{name} flow", slug=f"{name}-flow", last_path=queue, belongs_to=team)
    number = Number.objects.create(
        account=account, address=address, label=f"{name} line", flow=flow, default_queue=queue, belongs_to=team
    )
    return Things(queue, flow, number)


@pytest.fixture
def milan() -> Team:
    return Team.objects.create(name="Milan")


@pytest.fixture
def ours(milan: Team) -> Things:
    return things_of(milan, "Milan", "+390211111111")


@pytest.fixture
def others() -> Things:
    return things_of(Team.objects.create(name="Rome"), "Rome", "+390622222222")


@pytest.fixture
def nobodys() -> Things:
    return things_of(None, "Common", "+390033333333")


@pytest.fixture
def member(milan: Team) -> User:
    """A publisher, and so a supervisor, who is limited to Milan."""
    roles.establish()
    person = User.objects.create_user("member", is_staff=True)
    person.groups.add(Group.objects.get(name=roles.PUBLISHER), Group.objects.get(name=roles.INTEGRATOR))
    person.teams.add(milan)
    return person


@pytest.fixture
def browser_of_member(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def page(thing: Any, view: str = "change") -> str:
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=[thing.pk])


KINDS: list[Any] = [
    pytest.param(lambda things: things.queue, id="a queue"),
    pytest.param(lambda things: things.flow, id="a flow"),
    pytest.param(lambda things: things.number, id="a number"),
]
Kind = Callable[[Things], Any]


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_sees_his_teams_things_and_nobodys_and_changes_his_own(
    kind: Kind, browser_of_member: Client, ours: Things, others: Things, nobodys: Things
) -> None:
    meta = kind(ours)._meta
    listed = browser_of_member.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    assert {row.pk for row in listed.context["cl"].result_list} == {kind(ours).pk, kind(nobodys).pk}
    for view, seen in (("change", (FOUND, FOUND, GONE)), ("delete", (FOUND, REFUSED, REFUSED))):
        answers = [browser_of_member.get(page(kind(each), view)).status_code for each in (ours, nobodys, others)]
        assert answers[:2] == list(seen[:2])
        assert answers[2] in (GONE, REFUSED)
    assert browser_of_member.post(page(kind(nobodys)), {}).status_code == REFUSED
    assert browser_of_member.post(page(kind(others)), {}).status_code in (GONE, REFUSED)
    assert browser_of_member.get(page(kind(others), "history")).status_code in (GONE, REFUSED)


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_of_no_team_sees_and_changes_everything(
    kind: Kind, supervisor_client: Client, ours: Things, nobodys: Things
) -> None:
    for thing in (kind(ours), kind(nobodys)):
        assert "_save" in supervisor_client.get(page(thing)).content.decode()


def test_the_form_says_why_nobodys_thing_cannot_be_changed(browser_of_member: Client, nobodys: Things) -> None:
    text = browser_of_member.get(page(nobodys.queue)).content.decode()
    assert "This belongs to no team" in text
    assert "_save" not in text


def test_choices_offer_what_the_person_may_see_and_what_stands_there(
    browser_of_member: Client, ours: Things, others: Things, nobodys: Things
) -> None:
    flow = browser_of_member.get(page(ours.flow)).content.decode()
    assert ">Common queue</option>" in flow
    assert ">Rome queue</option>" not in flow
    Branch.objects.create(flow=ours.flow, label="To Rome", slug="rome", queue=others.queue)
    assert ">Rome queue</option>" in browser_of_member.get(page(ours.flow)).content.decode()
    add = browser_of_member.get(reverse("admin:routing_number_add")).content.decode()
    assert "Milan flow" in add
    assert "Rome flow" not in add


def test_what_a_member_adds_is_his_teams(browser_of_member: Client, milan: Team, ours: Things, others: Things) -> None:
    typed = {"channel": "voice", "address": "+390244444444", "label": "New", "account": str(ours.number.account.pk)}
    typed |= {"default_queue": str(ours.queue.pk), "time_zone": "Europe/Rome", "silent_after_days": "7"}
    add = reverse("admin:routing_number_add")
    for team in ("", str(others.queue.belongs_to_id)):
        assert browser_of_member.post(add, {**typed, "belongs_to": team}).status_code == FOUND
    assert not Number.objects.filter(label="New").exists()
    assert browser_of_member.post(add, {**typed, "belongs_to": str(milan.pk)}).status_code == GONE
    assert Number.objects.get(label="New").belongs_to == milan


def test_a_foreign_choice_is_refused_when_it_is_sent_all_the_same(
    browser_of_member: Client, ours: Things, others: Things
) -> None:
    typed = {"channel": "voice", "address": ours.number.address, "label": "x", "account": str(ours.number.account.pk)}
    typed |= {"default_queue": str(others.queue.pk), "time_zone": "Europe/Rome", "silent_after_days": "7"}
    typed |= {"belongs_to": str(ours.number.belongs_to_id)}
    answer = browser_of_member.post(page(ours.number), typed)
    assert "default_queue" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("view", ["close", "reopen"])
def test_a_queue_is_closed_and_reopened_by_its_team(
    view: str, browser_of_member: Client, ours: Things, others: Things, nobodys: Things
) -> None:
    asked = [
        browser_of_member.get(reverse(f"admin:queues_queue_{view}", args=[each.queue.pk])).status_code
        for each in (ours, nobodys, others)
    ]
    assert asked[0] in (FOUND, GONE)  # what is open already is not reopened
    assert asked[1:] == [REFUSED, 404]


def test_numbers_are_sent_elsewhere_by_their_team(browser_of_member: Client, ours: Things, others: Things) -> None:
    send = reverse("admin:queues_switch_send")
    typed = {"target_queue": str(ours.queue.pk), "reason": "Fire", "lasting": "open_end"}
    for numbers in ({"numbers": others.number.address}, {"every": "on"}):
        assert "Only numbers of your teams" in browser_of_member.post(send, typed | numbers).content.decode()
    assert browser_of_member.post(send, typed | {"numbers": ours.number.address}).status_code == GONE
    foreign = {"numbers": ours.number.address, "target_queue": str(others.queue.pk)}
    assert browser_of_member.post(send, typed | foreign).status_code == FOUND
    assert [switch.subject for switch in Switch.objects.all()] == [ours.number.address]


def test_switches_of_other_teams_are_neither_seen_nor_ended(
    browser_of_member: Client, ours: Things, others: Things, nobodys: Things
) -> None:
    of = {
        name: Switch.objects.create(kind="close_queue", subject=each.queue.slug, reason="x").pk
        for name, each in (("ours", ours), ("nobodys", nobodys), ("others", others))
    }
    listed = browser_of_member.get(reverse("admin:queues_switch_changelist")).context["cl"].result_list
    assert {switch.pk for switch in listed} == {of["ours"], of["nobodys"]}
    ends = {name: reverse("admin:queues_switch_end", args=[pk]) for name, pk in of.items()}
    assert {name: browser_of_member.get(end).status_code for name, end in ends.items()} == {
        "ours": FOUND,
        "nobodys": REFUSED,
        "others": 404,
    }


def test_states_of_other_teams_queues_are_not_seen(browser_of_member: Client, ours: Things, others: Things) -> None:
    for each in (ours, others):
        QueueState.objects.create(queue=each.queue, as_of=timezone.now())
    listed = browser_of_member.get(reverse("admin:queues_queuestate_changelist")).context["cl"].result_list
    assert [state.queue for state in listed] == [ours.queue]


def test_three_queues_belong_to_the_team_of_whoever_makes_them(browser_of_member: Client, milan: Team) -> None:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    typed = {"vip": "1", "priority": "2", "standard": "3", "beginning": ""}
    three = reverse("admin:queues_phonesystem_three", args=[system.pk])
    assert browser_of_member.post(three, typed).status_code == FOUND
    assert browser_of_member.post(three, typed | {"belongs_to": str(milan.pk)}).status_code == GONE
    assert set(Queue.objects.values_list("belongs_to", flat=True)) == {milan.pk}


def test_an_action_reaches_only_what_is_seen_and_changed(
    browser_of_member: Client, ours: Things, others: Things, nobodys: Things
) -> None:
    chosen = [str(each.number.pk) for each in (ours, others, nobodys)]
    delete = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    browser_of_member.post(reverse("admin:routing_number_changelist"), delete)
    assert Number.objects.count() == 3  # nobody's is among them: refused as a whole
    browser_of_member.post(reverse("admin:routing_number_changelist"), delete | {"_selected_action": chosen[:2]})
    assert {number.pk for number in Number.objects.all()} == {others.number.pk, nobodys.number.pk}


def test_only_numbers_that_are_seen_can_be_tried(browser_of_member: Client, ours: Things, others: Things) -> None:
    text = browser_of_member.get(reverse("try_a_call")).content.decode()
    assert "Milan line" in text
    assert "Rome line" not in text


def test_only_a_superuser_limits_people(supervisor_client: Client, member: User) -> None:
    form = supervisor_client.get(page(member)).context["adminform"].form
    assert "username" in form.fields
    assert "teams" not in form.fields


def test_nobody_becomes_free_of_limits_by_the_end_of_his_team(admin_client: Client, member: User, milan: Team) -> None:
    admin_client.post(page(milan, "delete"), {"post": "yes"})
    assert Team.objects.filter(pk=milan.pk).exists()


def test_the_limits_are_looked_up_once_for_a_person(
    member: User, ours: Things, others: Things, django_assert_num_queries: Any
) -> None:
    person = User.objects.get(pk=member.pk)
    with django_assert_num_queries(1):
        assert teams.may_touch(person, ours.queue)
        assert not teams.may_touch(person, others.queue)
        assert not teams.may_see(person, others.flow)


def test_a_superuser_is_not_limited(admin_user: User, milan: Team, others: Things) -> None:
    admin_user.teams.add(milan)
    assert teams.may_touch(admin_user, others.queue)


def test_the_list_is_filtered_by_what_is_seen(browser_of_member: Client, ours: Things, others: Things) -> None:
    page = browser_of_member.get(reverse("admin:routing_number_changelist")).content.decode()
    assert f"?flow__id__exact={ours.flow.pk}" in page
    assert f"?flow__id__exact={others.flow.pk}" not in page
