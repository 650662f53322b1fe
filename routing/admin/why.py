"""What a decision's page says of why the caller landed there."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import Customer, Handle
from routing import wording
from routing.admin import pictures
from routing.admin.afterwards import afterwards
from routing.admin.decision_names import Names
from routing.admin.decision_story import Story
from routing.admin.origins import missing, origins
from routing.admin.verdicts import judged
from routing.explaining import Explained, document_of, entry_of, explained, pilot_id
from routing.masking import masked, without
from routing.models import Decision

MOST_CUSTOMERS = 5


def why(request: HttpRequest, decision: Decision, *, in_clear: bool) -> dict[str, Any]:
    """All that the page says: where to and why, how each branch was judged, what was missing, what came of it."""
    document = document_of(decision) or {}
    names = Names(decision, document)
    told = Story.of(names, request, decision.caller if in_clear else masked(decision.caller))
    found = explained(decision, document)
    customers = _customers(request, decision)
    return {
        "headline": told.headline(),
        "reasons": told.reasons(),
        "facts": told.facts(customers),
        "walked": _walked(request, decision, document, found, in_clear=in_clear) if found else None,
        "pilot": _pilot(request, decision),
        "blocked": _blocked(request, decision),
        "missing": missing(decision, document, found.verdicts if found else ()),
        "to_mend": customers if _may(request, "customers.change_customer") else [],
        "try_again": _try_again(request, decision),
        "block": _block(request, decision) if in_clear else "",
        "afterwards": afterwards(decision, names),
        "known": _known(decision, document, in_clear=in_clear),
    }


def _walked(
    request: HttpRequest, decision: Decision, document: Mapping[str, Any], found: Explained, *, in_clear: bool
) -> dict[str, Any]:
    known = origins(decision, may_see_customer=_may(request, "customers.view_customer"))
    branches = judged(found.verdicts, wording.entries_of(document, found.flow), known.of)
    return {
        "branches": branches if in_clear else without(decision.caller, branches),
        "picture": pictures.of_flow(request, document, found.flow, taken=found.taken),
    }


def _known(decision: Decision, document: Mapping[str, Any], *, in_clear: bool) -> dict[str, str]:
    """Every variable that it was decided by, in words."""
    variables = decision.document.get("variables") or {}
    if not in_clear:
        variables = without(decision.caller, variables)
    entries = wording.entries_of(document, decision.flow) if document else {}
    return {name: wording.seen_in_words(name, seen, entries) for name, seen in sorted(variables.items())}


def _try_again(request: HttpRequest, decision: Decision) -> str:
    """Where the same call can be tried by today's draft; the address of that page does not name the caller."""
    return f"{reverse('try_a_call')}?decision={decision.pk}" if _may(request, "routing.view_flow") else ""


def _customers(request: HttpRequest, decision: Decision) -> list[dict[str, str]]:
    """Who is known under the caller's address, for those who may see customers; the ways to their page and tier."""
    if not decision.caller or not _may(request, "customers.view_customer"):
        return []
    # Of every kind, named one by one: that is how the index begins.
    known = Customer.objects.filter(handles__kind__in=Handle.Kind.values, handles__value=decision.caller)
    people = known.filter(merged_into=None).distinct()[:MOST_CUSTOMERS]
    return [{"name": str(each), "url": reverse("admin:customers_customer_change", args=[each.pk])} for each in people]


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
    return f"{reverse('admin:routing_blockedcaller_add')}?decision={decision.pk}"


def _may(request: HttpRequest, permission: str) -> bool:
    return bool(request.user.has_perm(permission))
