"""Where each variable of a decision came from, and when, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.translating import listed
from customers.addresses import CUSTOMER_NO, AddressError, normalise
from customers.models import Customer, Handle, TierOverride
from routing.branches import PathVerdict
from routing.conditions import SENT_ALONG
from routing.models import Decision
from routing.reports.wording import seconds

_STEP_ENDED = {
    "ok": gettext_lazy("From fetch step “%(step)s”."),
    "stale": gettext_lazy("From fetch step “%(step)s”: its source failed, an earlier answer stood in."),
    "not_found": gettext_lazy("From fetch step “%(step)s”: its source does not know the caller."),
    "timeout": gettext_lazy("From fetch step “%(step)s”: its source did not answer in time."),
    "error": gettext_lazy("From fetch step “%(step)s”: its source failed."),
}
"""How a fetch step ended; several end the same way whatever is asked."""

_MISSING = {
    "facts:error": gettext_lazy("The customer's facts could not be read: every caller was a stranger."),
    "flow:error": gettext_lazy("The flow could not be walked to its end: the number's default queue took the call."),
    "decide:error": gettext_lazy("Something went wrong inside: the emergency target took the call."),
    "no_release": gettext_lazy("Nothing was published."),
    "spool:format": gettext_lazy("An earlier decision on this call could not be read."),
    "customer:objects_to_profiling": gettext_lazy("The customer objects to profiling: nothing further was asked."),
}

_STEP_FAILED = {
    "stale": gettext_lazy("The source of fetch step “%(step)s” failed. An earlier answer stood in."),
    "timeout": gettext_lazy("The source of fetch step “%(step)s” did not answer in time."),
    "error": gettext_lazy("The source of fetch step “%(step)s” failed."),
}


@dataclass(frozen=True)
class Origins:
    """What is known of where this decision's variables came from: `facts` and `tier` are said of the customer's."""

    noted: Mapping[str, Mapping[str, Any]]
    facts: str
    tier: str

    def of(self, variable: str) -> str:
        """Where `variable` came from, in a sentence; "" where nobody can say."""
        family, _dot, rest = variable.partition(".")
        if family == "call":
            return _collected() if rest.startswith("context.") else _("From the call itself.")
        if family == "time":
            return _("By the clock of the number called.")
        if family == "queue":
            return self._statistics(rest)
        if family == "customer":
            return self._customer(variable)
        return self._step(family)

    def _statistics(self, rest: str) -> str:
        slug, _dot, name = rest.rpartition(".")
        if name == "is_open":
            return _("By opening hours and switches.")
        noted = self.noted.get(f"queue.{slug}")
        if not noted:
            return _("From the phone system.")
        moment = timezone.localtime(datetime.fromisoformat(str(noted["as_of"])))
        return _("From what the phone system said at %(moment)s.") % {"moment": date_format(moment, "H:i:s")}

    def _customer(self, variable: str) -> str:
        for name, noted in reversed(list(self.noted.items())):
            if variable in noted.get("filled", ()):
                return self._step(name)
        return self.tier if variable in ("customer.tier", "customer.tier_rank") and self.tier else self.facts

    def _step(self, name: str) -> str:
        noted = self.noted.get(name)
        if not noted:
            return ""
        said = str(_STEP_ENDED.get(str(noted.get("outcome")), _STEP_ENDED["error"])) % {"step": name}
        if (age_s := noted.get("age_s")) is not None:
            said = " ".join((said, _("The answer was %(age)s old.") % {"age": seconds(age_s)}))
        elif (taken_ms := noted.get("ms")) is not None:
            said = " ".join((said, _("It was asked and took %(time)s ms.") % {"time": number_format(taken_ms)}))
        return said


def origins(decision: Decision, *, may_see_customer: bool) -> Origins:
    """Two queries, to say of when the customer's facts are; only for those who may see him."""
    noted = decision.document.get("origins") or {}
    variables = decision.document.get("variables") or {}
    customer = _customer(decision, variables) if may_see_customer and variables.get("customer.known") else None
    if customer is None:
        return Origins(noted, _("From the customers we know."), "")
    return Origins(noted, _facts(customer, decision), _tier(customer, decision, variables))


def missing(decision: Decision, document: Mapping[str, Any], verdicts: Iterable[PathVerdict]) -> list[str]:
    """What this decision had to do without, in sentences, and which branches would have looked at it."""
    said = [missing_words(str(each)) for each in decision.degraded]
    lost = _lost(decision, document)
    passed = [
        each.path.label
        for each in verdicts
        if not each.taken and any(one.seen is None and lost(one.condition.variable) for one in chain(*each.groups))
    ]
    if passed:
        words = _("So these branches could not tell whether they fit, and passed the contact on: %(branches)s.")
        said.append(words % {"branches": listed(passed)})
    return said


def _lost(decision: Decision, document: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a variable is one that this decision had to do without."""
    failed = {str(each).rpartition(":")[0] for each in decision.degraded}
    if "facts" in failed:
        failed.add("customer")
    steps = document.get("flows", {}).get(decision.flow, {}).get("steps", ())
    filled = {
        f"customer.{variable.get('fills')}"
        for step in steps
        if step["slug"] in failed
        for variable in document.get("sources", {}).get(step["source"], {}).get("variables", ())
    }
    return lambda name: name.partition(".")[0] in failed or name in filled


def missing_words(what: str) -> str:
    """One thing that a decision had to do without, in a sentence."""
    if what in _MISSING:
        return str(_MISSING[what])
    step, _colon, outcome = what.rpartition(":")
    return str(_STEP_FAILED[outcome]) % {"step": step} if outcome in _STEP_FAILED else what


def _collected() -> str:
    return _("From what the caller was asked before (IVR).")


def _customer(decision: Decision, variables: Mapping[str, Any]) -> Customer | None:
    """Who is behind the address that he was known by then; None when that is not his own number."""
    by = variables.get("customer.identified_by")
    if by == "caller":
        # Of every kind, named one by one: that is how the index begins.
        behind = Q(handles__kind__in=Handle.Kind.values, handles__value=decision.caller)
    elif by == CUSTOMER_NO:
        try:
            value = normalise(CUSTOMER_NO, str(variables.get(f"{SENT_ALONG}customer_no", "")), "")
        except AddressError:
            return None
        behind = Q(handles__kind=CUSTOMER_NO, handles__value=value)
    else:
        return None
    return Customer.objects.filter(behind, merged_into=None).order_by("-updated_at").first()


def _facts(customer: Customer, decision: Decision) -> str:
    moment = date_format(timezone.localtime(customer.updated_at), "DATETIME_FORMAT")
    if customer.updated_at <= decision.decided_at:
        return _("From the customer's record, last changed %(moment)s.") % {"moment": moment}
    return _("From the customer's record of that time. It has changed since, %(moment)s.") % {"moment": moment}


def _tier(customer: Customer, decision: Decision, variables: Mapping[str, Any]) -> str:
    """Who gave him the tier by hand; "" where the CRM did."""
    at = decision.decided_at
    ends = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    given = TierOverride.objects.filter(ends, customer=customer, starts_at__lte=at).select_related("created_by", "tier")
    override = given.order_by("-starts_at", "-id").first()
    if override is None or override.tier.slug != variables.get("customer.tier"):
        return ""
    words = {"who": override.created_by or "-", "reason": override.reason}
    return _("Given by hand by %(who)s: %(reason)s") % words
