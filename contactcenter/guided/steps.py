"""The four steps: what each is called, who may answer it, and whom to ask where this person may not."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided import kept
from contactcenter.guided.queues_step import ADD_SYSTEM
from customers.models import LoyaltyTier
from queues.models import PhoneSystem
from routing.models import ProviderAccount

NUMBER, QUEUES, CUSTOMERS, PUBLISH = "number", "queues", "customers", "publish"

TITLES = {
    NUMBER: _("The number"),
    QUEUES: _("The queues"),
    CUSTOMERS: _("Your best customers"),
    PUBLISH: _("Try and publish"),
}
"""In their order."""

ASKING = (NUMBER, QUEUES, CUSTOMERS)
"""Steps that must be answered before anything can be made."""

MAKE = (
    "routing.add_number",
    "routing.change_number",
    "routing.add_flow",
    "routing.add_branch",
    "routing.add_samplecall",
    "queues.add_queue",
)
ADD_ACCOUNT, ADD_TIER = "routing.add_provideraccount", "customers.add_loyaltytier"


@dataclass(frozen=True)
class Blocked:
    """Why a step cannot be answered here and now, and the page to open, or to send to a colleague."""

    why: Any
    url: str
    is_own: bool = False
    """The person can do it himself, on that page."""


def url_of(set_up: GuidedSetUp, step: str) -> str:
    return reverse("guided_step", args=[set_up.pk, step])


def blocked(set_up: GuidedSetUp, step: str, user: Any) -> Blocked | None:
    """What keeps this person from answering `step`; None: nothing does."""
    here = url_of(set_up, step)
    match step:
        case "number":
            return _number(user, here)
        case "queues":
            return _queues(user, here)
        case "customers":
            answers = ("routing.add_branch", "customers.change_crmconnection", "customers.add_uploadedlist")
            if not any(user.has_perm(name) for name in answers):
                return Blocked(_("Your supervisor or your integrator says which customers matter."), here)
    return None


def _number(user: Any, here: str) -> Blocked | None:
    if not user.has_perm("routing.add_number"):
        return Blocked(_("Your supervisor or your integrator says which number it is."), here)
    if ProviderAccount.objects.filter(is_enabled=True).exists():
        return None
    add = reverse("admin:routing_provideraccount_add")
    if user.has_perm(ADD_ACCOUNT):
        words = _("No telephone line connected. Add the account at your provider, then come back here.")
        return Blocked(words, add, is_own=True)
    return Blocked(_("No telephone line connected: ask your integrator"), add)


def _queues(user: Any, here: str) -> Blocked | None:
    if user.has_perm(ADD_SYSTEM):
        return None
    if not user.has_perm("queues.add_queue"):
        return Blocked(_("Your supervisor or your integrator says where callers wait."), here)
    if not PhoneSystem.objects.exists():
        return Blocked(_("No phone system is connected yet. Your integrator answers this step."), here)
    return None


def may_make(user: Any) -> bool:
    """Whether this person may make everything that the draft gets."""
    return all(user.has_perm(name) for name in MAKE) and (user.has_perm(ADD_TIER) or LoyaltyTier.objects.exists())


def current(set_up: GuidedSetUp) -> str:
    """Where one was: the first step that is not answered, else the last one."""
    return next((step for step in ASKING if not kept.is_whole(set_up, step)), PUBLISH)


def following(step: str) -> str:
    order = list(TITLES)
    return order[min(order.index(step) + 1, len(order) - 1)]


def before(step: str) -> str:
    """The step before; "" before the first."""
    order = list(TITLES)
    return order[order.index(step) - 1] if order.index(step) else ""
