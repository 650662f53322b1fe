"""Names that nothing of a kind has yet."""

from itertools import count
from typing import Any


def free_name(model: Any, field: str, wanted: str, between: str = "-") -> str:
    """`wanted`, or `wanted` and the first number from 2 with which no row of `model` has it in `field`."""
    rows = model._default_manager.filter(**{f"{field}__startswith": wanted})
    taken = set(rows.values_list(field, flat=True))
    return next(name for n in count(1) if (name := wanted if n == 1 else f"{wanted}{between}{n}") not in taken)
