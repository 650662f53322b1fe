"""The fields of a customer that tiers can be made of. Pure."""

import re

from contactcenter.foundation import values

ATTRIBUTE = "attribute:"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")

COLUMNS: dict[str, str] = {
    "lifetime_value": values.MONEY,
    "order_volume": values.MONEY,
    "purchases": values.NUMBER,
    "plan": values.TEXT,
    "account_level": values.TEXT,
    "category": values.TEXT,
}
"""The customer's own fields, each with its type."""

COUNTABLE = (values.NUMBER, values.MONEY)


def is_field(name: str) -> bool:
    """Whether this names a field of a customer; an attribute need not be defined yet."""
    return name in COLUMNS or is_attribute(name)


def is_countable(name: str) -> bool:
    """Whether customers can be ranked by this field."""
    return COLUMNS.get(name) in COUNTABLE or is_attribute(name)


def is_attribute(name: str) -> bool:
    """Whether this names an attribute that a supervisor defined, as `attribute:<key>`."""
    return name.startswith(ATTRIBUTE) and _KEY.fullmatch(name.removeprefix(ATTRIBUTE)) is not None
