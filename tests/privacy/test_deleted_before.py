"""Somebody who was deleted, as if that were enough, and is erased later: nothing names him any more."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.audit.followed import records_of
from contactcenter.privacy import erasing
from contactcenter.privacy.finding import by_address
from customers.models import Customer, Handle

pytestmark = pytest.mark.django_db

MOBILE = "+393331234578"


def test_the_admins_log_and_the_way_back_forget_whom_somebody_had_deleted(admin_client: Client) -> None:
    anna, other = (Customer.objects.create(name=name, updated_at=timezone.now()) for name in ("Anna Verdi", "Carlo"))
    Handle.objects.create(customer=anna, kind="phone", value=MOBILE)
    for customer in (anna, other):
        admin_client.post(reverse("admin:customers_customer_delete", args=[customer.pk]), {"post": "yes"})
    gone = records_of(Customer).get(history_type="-", name="Anna Verdi").history_id
    erasing.begin(by_address("phone", MOBILE))
    assert {entry.object_repr for entry in LogEntry.objects.all()} > {"Carlo"}
    assert not LogEntry.objects.filter(object_repr__contains="Anna").exists()
    admin_client.post(reverse("undo", args=["customers", "customer", gone, gone]))
    assert not Customer.objects.exists()
