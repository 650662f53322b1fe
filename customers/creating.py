"""Customers who are new, made by the database itself from what was staged: on PostgreSQL, where it is a statement.

Elsewhere applying.py makes them, one by one, to the same rows.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils import timezone

from contactcenter.foundation import changes, values
from customers.crm.targets import FACTS
from customers.models import SyncRun


def create(run: SyncRun, keys: Collection[int]) -> set[int]:
    """Make the customers who are new indeed among the staged rows of these keys: the keys of those that it did.

    In the caller's transaction; their addresses are marked for the decide plane. One whom a push has brought
    meanwhile is not new any more.
    """
    if connection.vendor != "postgresql":
        return set()
    given: dict[str, Any] = {"keys": list(keys), "connection": run.connection_id}
    given |= {"now": timezone.now(), "facts": changes.FACTS}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")  # compiling it takes longer than all the rest
        cursor.execute(_CREATE, given)
        return {key for (key,) in cursor.fetchall()}


def _columns() -> tuple[str, str]:
    """The customer's columns that a record may fill, and what fills them; what it does not name is empty."""
    filled = {name: f"COALESCE(fields ->> '{name}', '')" for name, fact in FACTS.items() if fact.type == values.TEXT}
    numbers = {name: f"CAST(fields ->> '{name}' AS bigint)" for name in FACTS if name not in filled}
    return ", ".join([*filled, *numbers]), ", ".join([*filled.values(), *numbers.values()])


_NAMES, _VALUES = _columns()

# Who is new indeed is left to the index that sees to it: a join would be planned for the tables as they were
# before this run. A tier that is gone by now is none. Foreign keys are looked at when the transaction ends.
_CREATE = f"""
    WITH staged AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS customer_id,
               id AS key, external_id, fingerprint, new_tier_id, mapped -> 'fields' AS fields,
               mapped -> 'attributes' AS attributes, mapped -> 'handles' AS handles
        FROM customers_stagedrecord WHERE id = ANY(%(keys)s) AND operation = 'create'
    ), identities AS (
        INSERT INTO customers_externalidentity (connection_id, external_id, customer_id, fingerprint)
        SELECT %(connection)s, external_id, customer_id, fingerprint FROM staged
        ON CONFLICT (connection_id, external_id) DO NOTHING
        RETURNING customer_id
    ), fresh AS MATERIALIZED (
        SELECT staged.* FROM staged JOIN identities USING (customer_id)
    ), people AS (
        INSERT INTO customers_customer (id, tier_id, attributes, updated_at, {_NAMES})
        SELECT customer_id, (SELECT id FROM customers_loyaltytier WHERE id = new_tier_id),
               COALESCE(jsonb_strip_nulls(attributes), '{{}}'), %(now)s, {_VALUES}
        FROM fresh
    ), addresses AS (
        INSERT INTO customers_handle (customer_id, kind, value)
        SELECT customer_id, kind, value
        FROM fresh, jsonb_each(handles) AS held (kind, listed), jsonb_array_elements_text(listed) AS value
        RETURNING kind, value
    ), told AS (
        INSERT INTO foundation_change (topic, key)
        SELECT DISTINCT %(facts)s, kind || ':' || value FROM addresses ORDER BY 2
        ON CONFLICT (topic, key) DO UPDATE SET seq = NULL
    )
    SELECT key FROM fresh"""  # noqa: S608 - all of it is our own
