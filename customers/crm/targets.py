"""What a field of the CRM can mean to us."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import values

TIER, HANDLE, ATTRIBUTE = "tier", "handle:", "attribute:"


class Fact(NamedTuple):
    """A field of the customer: its type, the characters it can hold, and what people call it."""

    type: str
    longest: int
    label: str | Promise


FACTS: dict[str, Fact] = {
    "name": Fact(values.TEXT, 160, _("name")),
    "purchases": Fact(values.NUMBER, 0, _("purchases")),
    "order_volume": Fact(values.MONEY, 0, _("order volume (in cents)")),
    "lifetime_value": Fact(values.MONEY, 0, _("lifetime value (in cents)")),
    "plan": Fact(values.TEXT, 80, _("plan")),
    "account_level": Fact(values.TEXT, 80, _("account level")),
    "category": Fact(values.TEXT, 80, _("category")),
    "account_manager": Fact(values.TEXT, 50, _("account manager")),
    "language": Fact(values.TEXT, 12, _("language")),
}

HANDLES: dict[str, str | Promise] = {
    "phone": _("phone number"),
    "email": _("e-mail address"),
    "customer_no": _("customer number"),
    "messenger": _("Messenger id"),
    "instagram": _("Instagram id"),
}


def targets(attributes: Iterable[tuple[str, str]]) -> list[tuple[str, str | Promise]]:
    """What a field of the CRM can mean to us; `attributes` (key, label) are those that supervisors defined."""
    return [
        (TIER, _("loyalty tier")),
        *((name, fact.label) for name, fact in FACTS.items()),
        *((f"{HANDLE}{kind}", label) for kind, label in HANDLES.items()),
        *((f"{ATTRIBUTE}{key}", label) for key, label in attributes),
    ]


def is_target(name: str) -> bool:
    """Whether a field of the CRM can be mapped to this; an attribute need not be defined yet."""
    if name.startswith(HANDLE):
        return name.removeprefix(HANDLE) in HANDLES
    return name == TIER or name in FACTS or name.startswith(ATTRIBUTE)
