"""A queue that something leads to is not deleted, and the page says what does."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from queues.models import Queue
from routing.models import Branch, Flow, Number, ProviderAccount

pytestmark = pytest.mark.django_db


def flow(queue: Queue) -> Flow:
    return Flow.objects.create(name="Priority customers", slug="priority-customers", last_path=queue)


def branch(queue: Queue) -> Branch:
    other = Queue.objects.create(name="Standard", slug="standard")
    return Branch.objects.create(flow=flow(other), slug="gold", label="Gold customers", queue=queue)


def number(queue: Queue) -> Number:
    account = ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native")
    return Number.objects.create(account=account, address="+390212345678", label="Hotline", default_queue=queue)


@pytest.mark.parametrize(
    ("lead_there", "words"),
    [
        pytest.param(flow, "Priority customers", id="the last path of a flow"),
        pytest.param(branch, "Gold customers", id="a branch"),
        pytest.param(number, "Hotline", id="a number"),
    ],
)
def test_it_is_refused_in_words_that_say_where(
    supervisor_client: Client, lead_there: Callable[[Queue], Model], words: str
) -> None:
    vip = Queue.objects.create(name="VIP", slug="vip")
    lead_there(vip)
    url = reverse("admin:queues_queue_delete", args=[vip.pk])
    page = supervisor_client.get(url).content.decode()
    assert "is in use and cannot be deleted" in page
    assert words in page
    supervisor_client.post(url, {"post": "yes"})
    assert Queue.objects.filter(pk=vip.pk).exists()
