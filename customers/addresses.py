"""The addresses customers reach us from, in the one form in which they are stored and looked up. Pure.

A caller's address comes from the network and may be anything: whatever is not a telephone number is
None, never an error. A handle comes from a CRM or a form: what cannot be read is an AddressError.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers

from contactcenter.foundation.words import to_translate as _

PHONE, CUSTOMER_NO, EMAIL, MESSENGER, INSTAGRAM = "phone", "customer_no", "email", "messenger", "instagram"

PHONE_CHANNELS = frozenset({"voice", "sms", "whatsapp"})

LONGEST = 120
"""Characters that a handle's value may have, as in the database."""

NO_COUNTRY = "ZZ"
"""The region where none is known: only numbers with a country code are read."""

# A hidden caller as providers and networks spell it; the numbers are "anonymous" and its like on a keypad.
_HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+86282452253"})

# Plain E.164 is its own canonical form. Left out: a zero where a trunk prefix could have been left in
# (+44 0 20...), which takes the long way; Italy, whose zero belongs to the number, and North America stay in.
_PLAIN = re.compile(r"\+(?:39\d{6,11}|1[2-9]\d{9}|[2-9][1-9]{3}\d{4,11})", re.ASCII)

# phonenumbers would fold foreign digits, drop marks and read letters: only this reaches it.
_DIALLED = re.compile(r"\+?[0-9 ().\-/]{3,32}", re.ASCII)

_URI = re.compile(r"(?P<scheme>sips?|tel|whatsapp):(?P<user>[^@;:?>]{1,64})", re.ASCII | re.IGNORECASE)
_CUSTOMER_NO = re.compile(r"[0-9A-Z][0-9A-Z._/\-]*", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
_PLATFORM_ID = re.compile(r"[0-9A-Za-z._\-]+", re.ASCII)


class AddressError(ValueError):
    """This is not an address of its kind. `field` names the kind; the value itself is never repeated."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def caller_address(raw: str, region: str) -> str | None:
    """The E.164 number behind what a provider calls the caller, or None: hidden, a short code, not a number.

    `region` is the two-letter country that a number without a country code is read in.
    """
    if _PLAIN.fullmatch(raw):
        return None if raw in _HIDDEN else raw
    return _read_caller(raw, region) if len(raw) <= LONGEST else None


@lru_cache(maxsize=16384)
def _read_caller(raw: str, region: str) -> str | None:
    text = raw.strip(" ")
    if uri := _URI.search(text):
        text = uri["user"].replace("%2B", "+").replace("%2b", "+")
        if uri["scheme"].lower() == "tel" and not text.startswith("+"):
            return None  # a local number is only a number within its context (RFC 3966, 5.1.5)
    return _e164(text, region)


def _e164(text: str, region: str) -> str | None:
    if not _DIALLED.fullmatch(text):
        return None
    international = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(international, region)
    except phonenumbers.NumberParseException:
        return None
    # A full number need only be possible: numbering plans grow faster than their lists. One without a
    # country code must be a real one there, for short codes and foreign numbers without + look possible.
    is_possible, is_real = phonenumbers.is_possible_number, phonenumbers.is_valid_number
    if not (is_possible if international[0] == "+" else is_real)(number):
        return None
    canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None if canonical in _HIDDEN else canonical


def normalise(kind: str, value: str, region: str) -> str:
    """The stored form of a handle's value. Raises AddressError, naming `kind`."""
    text = _visible(value)
    if not text:
        raise AddressError(kind, _("is empty"))
    if not text.isprintable():
        raise AddressError(kind, _("has characters that cannot be printed"))
    if len(text) > LONGEST:
        raise AddressError(kind, _("is too long"))
    return _NORMALISERS[kind](text, region)


def _visible(value: str) -> str:
    """Without the direction marks and hard spaces that spreadsheets and contact books leave around numbers."""
    kept = (" " if unicodedata.category(mark) == "Zs" else mark for mark in value if unicodedata.category(mark) != "Cf")
    return "".join(kept).strip()


def _phone(text: str, region: str) -> str:
    if number := caller_address(text, region):
        return number
    raise AddressError(PHONE, _("is not a telephone number"))


def _customer_no(text: str, _region: str) -> str:
    compact = "".join(text.split()).upper()
    if not _CUSTOMER_NO.fullmatch(compact):
        raise AddressError(CUSTOMER_NO, _("may have letters, digits and . _ / - only"))
    return compact


def _email(text: str, _region: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise AddressError(EMAIL, _("is not an e-mail address"))
    return text.lower()


def _platform_id(kind: str, text: str) -> str:
    if not _PLATFORM_ID.fullmatch(text):
        raise AddressError(kind, _("is not an id of this platform"))
    return text


_NORMALISERS: dict[str, Callable[[str, str], str]] = {
    PHONE: _phone,
    CUSTOMER_NO: _customer_no,
    EMAIL: _email,
    MESSENGER: lambda text, _region: _platform_id(MESSENGER, text),
    INSTAGRAM: lambda text, _region: _platform_id(INSTAGRAM, text),
}


def handle_key(kind: str, value: str) -> str:
    """What the decide plane looks a customer up by; `value` is already normalised."""
    return f"{kind}:{value}"


def identifying_keys(
    channel: str, caller: str, diverted_from: str, customer_no: object, region: str
) -> list[tuple[str, str]]:
    """Who this contact may be, best evidence first: (identified_by, handle key) pairs.

    A customer number collected by the IVR, then the caller, then the original caller of a diverted
    call. `customer_no` is whatever the IVR sent; what cannot be read is left out.
    """
    caller_kind = PHONE if channel in PHONE_CHANNELS else channel
    candidates = [
        (CUSTOMER_NO, _key_or_none(CUSTOMER_NO, _as_text(customer_no), region)),
        ("caller", _key_or_none(caller_kind, caller, region)),
        ("diverted_from", _key_or_none(PHONE, diverted_from, region)),
    ]
    return [(identified_by, key) for identified_by, key in candidates if key]


def _as_text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _key_or_none(kind: str, raw: str, region: str) -> str | None:
    if not raw or kind not in _NORMALISERS:
        return None
    if kind == PHONE:
        number = caller_address(raw, region)
        return handle_key(PHONE, number) if number else None
    try:
        return handle_key(kind, normalise(kind, raw, region))
    except AddressError:
        return None
