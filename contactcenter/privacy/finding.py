"""Who is meant: a person found by a customer's id or by one address."""

from django.utils.translation import gettext as _

from customers.addresses import AddressError, normalise
from customers.models import Customer
from customers.privacy.person import Person, behind, person_of


class NotFound(Exception):
    """Nobody, or more than one person, is meant; the text says so without repeating the address."""


def by_customer(customer_id: int) -> Person:
    """The person who is this customer, whatever he was merged with. Raises NotFound."""
    if not Customer.objects.filter(pk=customer_id).exists():
        raise NotFound(_("There is no customer with this id."))
    return person_of([customer_id])


def by_address(kind: str, text: str) -> Person:
    """The person with this address, known to us as a customer or only from contacts. Raises NotFound."""
    try:
        value = normalise(kind, text, "")
    except AddressError as error:
        raise NotFound(
            _("This cannot be read: %(kind)s %(reason)s.") % {"kind": kind, "reason": _(error.reason)}
        ) from None
    owners = behind(kind, value)
    if not owners:
        return person_of([], [(kind, value)])
    person = person_of(owners[:1])
    if not set(owners) <= set(person.customer_ids):
        ids = ", ".join(map(str, owners))
        raise NotFound(
            _("Several customers have this address. Say which one is meant by its id: %(ids)s") % {"ids": ids}
        )
    return person
