"""What is still missing before callers can be routed: what this person can do, and whom to ask for the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.accounts.models import User
from contactcenter.home.parts import Step, may, may_see
from customers.models import CrmConnection, LoyaltyTier
from queues.models import Queue
from routing.models import Flow, Number, ProviderAccount, Release

PUBLISH = "routing.publish_release"


@dataclass(frozen=True)
class Needed:
    """One kind of thing without which nothing works: how to get it, and what is said to who may not."""

    model: Any
    todo: Any
    missing: Any


NEEDED = (
    Needed(
        ProviderAccount,
        gettext_lazy("Connect the telephone line: add the account at your telephony provider"),
        gettext_lazy("No telephone line connected: ask your integrator"),
    ),
    Needed(
        Queue,
        gettext_lazy("Add the queues where contacts wait"),
        gettext_lazy("No queues yet: ask your supervisor"),
    ),
    Needed(
        LoyaltyTier, gettext_lazy("Add your loyalty tiers"), gettext_lazy("No loyalty tiers yet: ask your supervisor")
    ),
    Needed(
        Flow,
        gettext_lazy("Make a flow: who goes to which queue"),
        gettext_lazy("No flow yet: ask your supervisor"),
    ),
    Needed(
        Number,
        gettext_lazy("Add the number that people call"),
        gettext_lazy("No number yet: ask your supervisor"),
    ),
    Needed(
        CrmConnection,
        gettext_lazy("Connect your CRM"),
        gettext_lazy("No CRM connected: ask your integrator"),
    ),
)
"""In the order in which it is best done."""


def still_to_do(user: Any, release: Release | None) -> Iterator[Step]:
    """What is missing, in the order in which it is best done. One query. Who may not see a thing is not told of it."""
    exists = {each: Exists(each.model.objects.all()) for each in NEEDED}
    # One row, one query: the person himself with a yes or no for each kind of thing.
    found = User.objects.filter(pk=user.pk).values_list(*exists.values()).get()
    missing = [each for each, is_there in zip(NEEDED, found, strict=True) if not is_there]
    for each in missing:
        meta = each.model._meta
        if may(user, "add", each.model):
            yield Step(each.todo, reverse(f"admin:{meta.app_label}_{meta.model_name}_add"))
        elif may_see(user, each.model):
            yield Step(each.missing)
    if release is None and may_see(user, Release) and Number not in [each.model for each in missing]:
        yield _publish(user)


def _publish(user: Any) -> Step:
    if user.has_perm(PUBLISH):
        return Step(_("Publish the draft: until then nobody is routed by it"), reverse("admin:routing_release_publish"))
    return Step(_("Nothing is published yet: ask your publisher"))
