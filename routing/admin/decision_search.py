"""Decisions found by what stands on somebody's screen: a call id, the id in a SIP header, a number; and by address."""

import re
from typing import Any

import phonenumbers
from django.db.models import Q
from django.db.models.functions import Substr
from django.http import HttpRequest

from customers.addresses import NO_COUNTRY, caller_address
from routing.models import Decision, Number

_HEADER = re.compile(r"x-decision-id\s*:\s*", re.IGNORECASE)
MOST_COUNTRIES = 30


def found_by(text: str, *, also_by_caller: bool) -> Q:
    """Exactly, and each way by an index. `text` is what somebody typed or pasted."""
    term = _HEADER.sub("", text.strip())
    found = Q(call_id=term) | Q(decision_id=term)
    if also_by_caller and (callers := spellings(term)):
        found |= Q(caller__in=callers)
    return found


def decision_of(request: HttpRequest) -> Decision | None:
    """The decision that somebody comes from, `?decision=<key>`, if he may see decisions."""
    sent = request.POST if request.method == "POST" else request.GET
    key = key_in(sent.get("decision"))
    if not key or not request.user.has_perm("routing.view_decision"):
        return None
    return Decision.objects.filter(pk=key).first()


def key_in(text: Any) -> int:
    """A primary key as it stands in an address; 0 for what is none."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else 0


def spellings(text: str) -> list[str]:
    """How the caller may be stored whose number this is; [] for what is no number.

    A number without country code may be one of each country that we have numbers in.
    """
    numbers = {number for region in (NO_COUNTRY, *_countries(text)) if (number := caller_address(text, region))}
    digits = sorted(number.removeprefix("+") for number in numbers)
    return [spelled for each in digits for spelled in (f"+{each}", each, f"00{each}")]


def _countries(text: str) -> list[str]:
    if text.startswith(("+", "00")):
        return []
    starts = Number.objects.order_by().annotate(start=Substr("address", 1, 4)).values_list("start", flat=True)
    codes = {code for start in starts.distinct()[:MOST_COUNTRIES] if (code := _country_code(start))}
    return [phonenumbers.region_code_for_country_code(code) for code in sorted(codes)]


def _country_code(start: str) -> int | None:
    """The country code that an address begins with: +3902 is 39."""
    digits = start.removeprefix("+")
    if not (start.startswith("+") and digits.isascii() and digits.isdecimal()):
        return None
    candidates = (int(digits[:length]) for length in (1, 2, 3))
    return next((code for code in candidates if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), None)
