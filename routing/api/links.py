"""`POST /api/v1/handles` on the portal: a help desk says whom a Messenger or Instagram sender is."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from rest_framework import serializers
from rest_framework.request import Request

from contactcenter.foundation.problems import problem
from customers.addresses import AddressError
from routing.api.keyed_view import KeyedView
from routing.helpdesks.base import Person
from routing.messaging.linking import OTHER_CUSTOMER, SCOPED, SEVERAL_CUSTOMERS, CannotLink, link


class LinkSchema(serializers.Serializer[dict[str, Any]]):
    """A sender, and what is known of the person: the first of these that a customer has finds him."""

    channel = serializers.ChoiceField(choices=SCOPED)
    sender = serializers.CharField(max_length=120, help_text="The id that the platform gave him for our page.")
    customer_no = serializers.CharField(max_length=120, required=False)
    phone = serializers.CharField(max_length=40, required=False, help_text="With country code.")
    email = serializers.CharField(max_length=120, required=False)


class LinkedSchema(serializers.Serializer[dict[str, Any]]):
    """The customer, and whether he has the handle only now."""

    customer = serializers.CharField()
    linked = serializers.BooleanField()


class LinkView(KeyedView):
    """Links a sender to the customer; doing so twice changes nothing."""

    def post(self, request: Request) -> HttpResponse:
        self.check_key(request, may_link=True)
        return _linked(**self.read(request, LinkSchema))


def _linked(channel: str, sender: str, **person: str) -> HttpResponse:
    try:
        done = link(channel, sender, Person(**person))
    except AddressError as error:
        return problem(400, "invalid_field", f"The sender {error.reason}.", "sender")
    except CannotLink as refusal:
        if refusal.code == SEVERAL_CUSTOMERS:
            return problem(409, "several_customers", "Several customers have this address.")
        if refusal.code == OTHER_CUSTOMER:
            return problem(409, "other_customer", "Another customer has this sender.")
        return problem(404, "unknown_customer", "No customer has one of these addresses.")
    return JsonResponse({"customer": str(done.customer.pk), "linked": done.is_new})
