"""What a decision's page says of why the caller landed there."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import mask_all
from customers.models import Customer
from routing import wording
from routing.admin import pictures
from routing.admin.origins import missing, origins
from routing.admin.verdicts import judged
from routing.explaining import entry_of, explained, pilot_id
from routing.models import Decision

MOST_CUSTOMERS = 5


def why(request: HttpRequest, decision: Decision, *, in_clear: bool) -> dict[str, Any]:
    """How each branch was judged and the way through the picture, where a flow was walked; what else decided it."""
    return {
        "walked": _walked(request, decision, in_clear=in_clear),
        "pilot": _pilot(request, decision),
        "blocked": _blocked(request, decision),
        "block": _block(request, decision) if in_clear else "",
        "missing": missing(decision),
    }


def _walked(request: HttpRequest, decision: Decision, *, in_clear: bool) -> dict[str, Any] | None:
    found = explained(decision)
    if found is None:
        return None
    known = origins(decision, may_see_customer=_may(request, "customers.view_customer"))
    branches = judged(found.verdicts, wording.entries_of(found.document, found.flow), known.of)
    return {
        "branches": branches if in_clear else mask_all(branches),
        "picture": pictures.of_flow(request, found.document, found.flow, taken=found.taken),
        "customers": _customers(request, decision),
    }


def _customers(request: HttpRequest, decision: Decision) -> list[dict[str, str]]:
    """Who is known under the caller's address, for those who may change their tier."""
    if not decision.caller or not _may(request, "customers.change_customer"):
        return []
    people = Customer.objects.filter(handles__value=decision.caller, merged_into=None).distinct()[:MOST_CUSTOMERS]
    return [
        {"name": str(each), "url": f"{reverse('admin:customers_customer_change', args=[each.pk])}#tier_overrides-group"}
        for each in people
    ]


def _pilot(request: HttpRequest, decision: Decision) -> dict[str, Any] | None:
    pilot = pilot_id(decision)
    if not pilot:
        return None
    may_see = _may(request, "routing.view_pilot")
    return {"number": pilot, "url": reverse("admin:routing_pilot_change", args=[pilot]) if may_see else ""}


def _blocked(request: HttpRequest, decision: Decision) -> dict[str, str] | None:
    """Who blocked this caller and why; said without, when the entry is gone."""
    if decision.reason != "blocked":
        return None
    entry = entry_of(decision)
    if entry is None:
        return {"sentence": _("This caller was on the list of blocked callers. The entry is gone."), "url": ""}
    words = {
        "who": entry.created_by or "-",
        "when": date_format(timezone.localtime(entry.created_at), "DATETIME_FORMAT"),
        "reason": entry.reason,
    }
    may_see = _may(request, "routing.view_blockedcaller")
    return {
        "sentence": _("Blocked by %(who)s (%(when)s): %(reason)s") % words,
        "url": reverse("admin:routing_blockedcaller_change", args=[entry.pk]) if may_see else "",
    }


def _block(request: HttpRequest, decision: Decision) -> str:
    """Where to block this caller, for those who may; "" where there is no number or he is blocked."""
    is_number = decision.channel == "voice" and decision.caller.startswith("+")
    if not is_number or decision.reason == "blocked" or not _may(request, "routing.add_blockedcaller"):
        return ""
    return f"{reverse('admin:routing_blockedcaller_add')}?number=%2B{decision.caller.removeprefix('+')}"


def _may(request: HttpRequest, permission: str) -> bool:
    return bool(request.user.has_perm(permission))
