"""Many values as one parameter of a statement: each by itself, a thousand take longer to write than to find."""

import json
from collections.abc import Collection

from django.db import connection
from django.db.models.expressions import RawSQL


def texts(values: Collection[str]) -> RawSQL:
    """`values` for `__in`: a query whose one column is called `value`."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT value FROM unnest(%s::text[]) AS value", [list(values)])
    return _as_json(values)


def numbers(values: Collection[int]) -> RawSQL:
    """The same for whole numbers, such as keys."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT value FROM unnest(%s::bigint[]) AS value", [list(values)])
    return _as_json(values)


def _as_json(values: Collection[str] | Collection[int]) -> RawSQL:
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])
