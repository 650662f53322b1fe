"""“Three queues for priority customers”: one small form on the page of a phone system."""

import pytest
from django.test import Client
from django.urls import reverse

from queues.models import PhoneSystem, Queue

pytestmark = pytest.mark.django_db

TYPED = {"vip": "8001", "priority": "8002", "standard": "8003", "beginning": ""}


@pytest.fixture
def pbx() -> PhoneSystem:
    return PhoneSystem.objects.create(name="PBX", slug="pbx", kind="asterisk", hosts="pbx.example.net")


def address(system: PhoneSystem) -> str:
    return reverse("admin:queues_phonesystem_three", args=[system.pk])


def test_three_extensions_make_three_queues_in_their_chain(supervisor_client: Client, pbx: PhoneSystem) -> None:
    page = supervisor_client.get(address(pbx)).content.decode()
    assert "Gets: QUEUE_PRIO 20." in page
    answer = supervisor_client.post(address(pbx), TYPED, follow=True)
    assert "VIP → Priority → Standard" in answer.content.decode()
    vip, priority, standard = Queue.objects.order_by("priority_class")
    assert [each.voice_address for each in (vip, priority, standard)] == ["8001", "8002", "8003"]
    assert (vip.overflow_to, priority.overflow_to, standard.overflow_to) == (priority, standard, None)
    assert [(each.service_level_percent, each.service_level_s) for each in (vip, priority, standard)] == [
        (90, 10),
        (80, 20),
        (80, 30),
    ]
    assert [each.is_emergency for each in (vip, priority, standard)] == [False, False, True]
    for each in (vip, priority, standard):
        each.full_clean()


def test_a_second_site_gets_names_of_its_own_and_leaves_the_emergency_queue(
    supervisor_client: Client, pbx: PhoneSystem
) -> None:
    supervisor_client.post(address(pbx), TYPED)
    again = supervisor_client.post(address(pbx), TYPED).content.decode()
    assert "There is a queue of that name already: Priority, Standard, VIP." in again
    supervisor_client.post(address(pbx), TYPED | {"beginning": "Milan"})
    assert set(Queue.objects.values_list("slug", flat=True)) >= {"milan-vip", "milan-priority", "milan-standard"}
    assert Queue.objects.get(is_emergency=True).slug == "standard"


def test_a_provider_without_hosts_gets_queues_by_name(supervisor_client: Client) -> None:
    connect = PhoneSystem.objects.create(name="Connect", slug="connect", kind="amazon_connect")
    supervisor_client.post(address(connect), {"vip": "VIP line", "priority": "Priority", "standard": "Rest"})
    assert Queue.objects.get(slug="vip").voice_kind == "provider_queue"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"vip": ""}, "This field is required", id="an address is missing"),
        pytest.param({"vip": "8001@pbx"}, "such as 8001, without host", id="a host in an extension"),
        pytest.param({"priority": "8001"}, "needs an address of its own", id="the same extension twice"),
    ],
)
def test_refused_is(supervisor_client: Client, pbx: PhoneSystem, changes: dict[str, str], words: str) -> None:
    assert words in supervisor_client.post(address(pbx), TYPED | changes).content.decode()
    assert not Queue.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("stranger", 302)])
def test_nobody_else_makes_queues(request: pytest.FixtureRequest, pbx: PhoneSystem, who: str, status: int) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    assert client.post(address(pbx), TYPED).status_code == status
    assert not Queue.objects.exists()
