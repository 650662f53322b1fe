"""Page-scoped senders: whom an id of Messenger or Instagram belongs to, as the help desk's contact says.

No CRM knows such an id. Once it is a handle of the customer, his next conversation is decided as his calls are.
"""

from dataclasses import dataclass

from django.db import transaction

from contactcenter.foundation.logs import logger
from customers.addresses import (
    CUSTOMER_NO,
    EMAIL,
    INSTAGRAM,
    MESSENGER,
    NO_COUNTRY,
    PHONE,
    AddressError,
    normalise,
)
from customers.models import Customer, Handle
from queues.models import HelpDesk
from routing.helpdesks import PUSHERS
from routing.helpdesks.base import DeskRejected, Person, desk_of
from routing.models import Conversation

log = logger(__name__)

SCOPED = (MESSENGER, INSTAGRAM)
UNKNOWN_CUSTOMER, SEVERAL_CUSTOMERS, OTHER_CUSTOMER = "unknown_customer", "several_customers", "other_customer"


class CannotLink(Exception):
    """Nobody was linked; `code` says why and names no person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Linked:
    """The customer whom the sender belongs to, and whether that is news."""

    customer: Customer
    is_new: bool


def link(channel: str, sender: str, person: Person) -> Linked:
    """Give the customer that `person` names the id `sender`. Safe to repeat. Raises CannotLink or AddressError."""
    value = normalise(channel, sender, NO_COUNTRY)
    with transaction.atomic():
        customer = _customer(person)
        holders = set(Handle.objects.filter(kind=channel, value=value).values_list("customer_id", flat=True))
        if holders - {customer.pk}:
            raise CannotLink(OTHER_CUSTOMER)
        _, is_new = Handle.objects.get_or_create(customer=customer, kind=channel, value=value)
    if is_new:
        log.info("sender_linked", channel=channel, customer=customer.pk)
    return Linked(customer, is_new)


def is_linkable(conversation: Conversation) -> bool:
    """Whether the help desk can be asked who its sender is."""
    return bool(conversation.channel in SCOPED and conversation.sender and conversation.external_id)


def link_by_help_desk(conversation: Conversation) -> Linked:
    """Ask the help desk who writes, and link him. Raises CannotLink, AddressError, DeskUnavailable or DeskRejected."""
    desk = HelpDesk.objects.filter(slug=conversation.help_desk).first()
    if desk is None or not desk.url:
        raise DeskRejected("no_help_desk")
    person = PUSHERS[desk.kind].person(desk_of(desk), conversation.external_id)
    return link(conversation.channel, conversation.sender, person)


def _customer(person: Person) -> Customer:
    for kind, said in ((CUSTOMER_NO, person.customer_no), (PHONE, person.phone), (EMAIL, person.email)):
        found = list(Customer.objects.filter(handles__kind=kind, handles__value=_value(kind, said)).distinct()[:2])
        if len(found) > 1:
            raise CannotLink(SEVERAL_CUSTOMERS)  # a family's number proves nothing of one of them
        if found:
            return found[0]
    raise CannotLink(UNKNOWN_CUSTOMER)


def _value(kind: str, said: str) -> str:
    """The handle's form of what was said; "", which nobody has, for what cannot be read."""
    try:
        return normalise(kind, said, NO_COUNTRY) if said else ""
    except AddressError:
        return ""
