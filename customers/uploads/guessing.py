"""What the columns of a list seem to hold: for the supervisor to look at and correct."""

from dataclasses import dataclass
from itertools import islice

from customers.crm.targets import HANDLE, TIER
from customers.uploads.text import looks_like, names_of, stored

LOOKED_AT = 50

_SPOKEN = {
    "handle:phone": ("phone", "tel", "mobile", "cell", "handy", "numero", "número", "caller", "whatsapp"),
    "handle:email": ("mail",),
    "handle:customer_no": ("customer no", "customer number", "customer_no", "kundennummer", "codice cliente"),
    TIER: ("tier", "loyalty", "status", "level", "livello"),
    "name": ("name", "nome", "nombre", "nom", "customer", "cliente"),
    "language": ("language", "lingua", "sprache"),
}


@dataclass(frozen=True)
class Column:
    """One column of a list, and what it means to us; "" for nothing."""

    name: str
    target: str
    example: str


def columns(text: str, region: str) -> list[Column]:
    """The columns of a list, each with our guess at what it means; nothing is guessed twice but handles."""
    found = [row.values for row in islice(stored(text), LOOKED_AT)]
    guessed: list[Column] = []
    for name in names_of(text):
        values = [value for row in found if (value := row.get(name, ""))]
        target = _guess(name, values, region)
        if target in {column.target for column in guessed} and not target.startswith(HANDLE):
            target = ""
        guessed.append(Column(name, target, values[0] if values else ""))
    return guessed


def _guess(name: str, values: list[str], region: str) -> str:
    for kind in ("email", "phone"):
        if values and sum(looks_like(kind, value, region) for value in values) > len(values) / 2:
            return f"{HANDLE}{kind}"
    spoken = name.casefold()
    return next((target for target, words in _SPOKEN.items() if any(word in spoken for word in words)), "")
