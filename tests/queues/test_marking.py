"""What is true of queues at once is marked whenever it is written."""

import pytest
from django.utils import timezone

from contactcenter.foundation.models import Change
from queues.models import AccountManager, Queue, QueueState

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


def marked() -> set[str]:
    keys = set(Change.objects.filter(topic="state").values_list("key", flat=True))
    Change.objects.all().delete()
    return keys


def test_a_queue_state_is_marked_when_written_and_when_it_goes_with_its_queue() -> None:
    queue = Queue.objects.create(name="VIP", slug="vip")
    QueueState.objects.create(queue=queue, statistics={}, as_of=timezone.now())
    assert marked() == {"queue:vip"}
    queue.delete()
    assert marked() == {"queue:vip"}


def test_an_account_manager_is_marked_under_the_old_and_the_new_name() -> None:
    anna = AccountManager.objects.create(name="Anna", slug="anna", address="+393331234567")
    assert marked() == {"manager:anna"}
    anna.slug = "anna-b"
    anna.save()
    assert marked() == {"manager:anna", "manager:anna-b"}
    anna.delete()
    assert marked() == {"manager:anna-b"}
