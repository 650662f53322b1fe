"""How things stand: what the home page says before its menu."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts.models import User
from customers.models import CrmConnection, LoyaltyTier, SyncRun
from queues.models import Queue, Switch
from routing.models import Flow, Number, ProviderAccount, Release

FIRST_STEPS: tuple[tuple[Any, Any], ...] = (
    (Queue, _("Add the queues where contacts wait")),
    (LoyaltyTier, _("Add your loyalty tiers")),
    (ProviderAccount, _("Add the account at your telephony provider")),
    (Flow, _("Make a flow: who goes to which queue")),
    (Number, _("Add the number that people call")),
    (CrmConnection, _("Connect your CRM")),
)
MOST_SWITCHES = 10


@dataclass(frozen=True)
class Step:
    """One thing to do before calls can be routed."""

    text: Any
    url: str


@dataclass(frozen=True)
class Standing:
    """What is live, what is switched, how the last sync ended, and what is still to be done."""

    release: Release | None
    switches: list[Switch]
    sync: SyncRun | None
    steps: list[Step]


def standing(request: HttpRequest) -> Standing:
    """How things stand, as far as this person may see it. A query a part, however large the tables are."""
    user: Any = request.user
    return Standing(
        release=_live_release() if _may_see(user, Release) else None,
        switches=_in_force() if _may_see(user, Switch) else [],
        sync=SyncRun.objects.select_related("connection").first() if _may_see(user, SyncRun) else None,
        steps=_still_to_do(user),
    )


def _may_see(user: Any, model: Any) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"))


def _live_release() -> Release | None:
    return Release.objects.select_related("published_by").defer("document").first()


def _in_force() -> list[Switch]:
    in_time = Q(until__isnull=True) | Q(until__gt=timezone.now())
    return list(Switch.objects.filter(in_time, ended_at__isnull=True).select_related("target_queue")[:MOST_SWITCHES])


def _still_to_do(user: Any) -> list[Step]:
    found = {model: Exists(model.objects.all()) for model, _text in FIRST_STEPS}
    # One row, one query: the person himself with a yes or no for each kind of thing.
    exists = User.objects.filter(pk=user.pk).values_list(*found.values()).get()
    missing = {model for model, there in zip(found, exists, strict=True) if not there}
    return [
        Step(text, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
        for model, text in FIRST_STEPS
        if model in missing and user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}")
    ]
