"""The rows that the portal's pages are opened over: customers, decisions and what grows with them, made by PostgreSQL.

As fast as it can: indexes are made when the rows are in, two tables at once, keys to other tables are not looked at.
The rows end up in the same pages as if couriers and syncs had written them one after the other.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

DECISIONS = 10_000_000
NUMBERS = 10_000
EVERY_S = 0.8
"""Between two decisions: ten million are three months of them."""

_CUSTOMERS = """
INSERT INTO customers_customer (name, tier_id, purchases, order_volume, lifetime_value, plan, account_level, category,
                                account_manager, language, attributes, updated_at)
SELECT (ARRAY['Anna', 'Bruno', 'Carla', 'Dario'])[n % 4 + 1] || ' Cliente' || n, n % 4 + 1, n % 97, n % 1000003,
       n % 2000003, (ARRAY['basic', 'family', 'business', 'premium'])[n % 4 + 1], '', 'segment-' || n % 60,
       'manager-' || n % 40, 'it', jsonb_build_object('contract', 'contract-' || n % 12, 'region', 'region-' || n % 20),
       now() - n * interval '1 s'
FROM generate_series(1, {customers}) AS n
"""
_HANDLES = """
INSERT INTO customers_handle (customer_id, kind, value)
SELECT n, 'phone', '+3902' || lpad((n - 1)::text, 8, '0') FROM generate_series(1, {customers}) AS n
"""
_TIER_CHANGES = """
INSERT INTO customers_tierchange (customer_id, old_tier, new_tier, cause, changed_at)
SELECT n, 'silver', CASE WHEN n % 50000 = 0 THEN 'platinum' ELSE 'gold' END,
       CASE WHEN n % 50000 = 0 THEN 'admin' ELSE 'sync' END, now() - ({customers} - n) * interval '1 s'
FROM generate_series(1, {customers}) AS n
"""
_OVERRIDES = """
INSERT INTO customers_tieroverride (customer_id, tier_id, reason, starts_at, recorded)
SELECT n * 10, CASE WHEN n % 10000 = 0 THEN 4 ELSE 3 END, 'Complained', now() - (n * 7919 % 1000000) * interval '1 min',
       'start'
FROM generate_series(1, {customers} / 10) AS n
"""
_MERGES = """
INSERT INTO customers_customermerge (kept_id, absorbed_id, cause, reason, merged_at)
SELECT n * 10, n * 10 - 1, 'sync', '', now() - ({customers} / 10 - n) * interval '1 min'
FROM generate_series(1, {customers} / 10) AS n
"""
_DECISIONS = """
INSERT INTO routing_decision (decision_id, account, call_id, channel, number, caller, attempt, release, flow, branch,
                              queue, tier, reason, degraded, decided_at, host, document)
SELECT md5(n::text), '11111111-1111-4111-8111-111111111111', 'call-' || n, 'voice',
       '+3902555' || lpad((n % {numbers})::text, 5, '0'), '+3902' || lpad((n % {customers})::text, 8, '0'),
       0, 1, 'main',
       CASE WHEN n % 3 = 0 THEN 'last_path' ELSE 'branch-' || n % 50 END,
       CASE WHEN n % 250000 = 0 THEN 'night' ELSE (ARRAY['vip', 'priority', 'standard'])[n % 3 + 1] END,
       (ARRAY['bronze', 'silver', 'gold', 'platinum'])[n % 4 + 1],
       CASE WHEN n % 250000 = 0 THEN 'deadline' WHEN n % 3 = 0 THEN 'last_path' ELSE 'branch' END, '[]',
       now() - ({decisions} - n) * interval '{every} s', 'decide-1',
       ('{{"answer": {{"queue": "vip", "action": "transfer", "priority": 20, "priority_class": 1, "head_start_s": 300, '
        '"sip_uri": "sip:8001@pbx1.example.net", "overflow_uri": "sip:8002@pbx1.example.net", "fallback": false}}, '
        '"variables": {{"call.from": "+390200000001", "call.country": "IT", "call.channel": "voice", '
        '"time.weekday": 1, '
        '"time.is_open": true, "customer.tier": "gold", "customer.plan": "business", "customer.purchases": ' || n % 97
        || ', "customer.category": "segment-' || n % 60 || '", "customer.lifetime_value": ' || n % 2000003
        || ', "customer.language": "it", "customer.identified_by": "caller", "queue.vip.waiting": 3}}}}')::jsonb
FROM generate_series(1, {decisions}) AS n
"""
_EVENTS = """
INSERT INTO routing_contactevent (event_id, decision_id, call_id, kind, queue, happened_at, document)
SELECT 'event-' || n, md5((n * 5)::text), 'call-' || n * 5, 'answered', 'vip',
       now() - ({decisions} - n * 5) * interval '{every} s', '{{"waited_s": 12}}'
FROM generate_series(1, {decisions} / 5) AS n
"""
_INTERVALS = """
INSERT INTO routing_reportinterval (starts_at, channel, flow, queue, branch, tier, contacts, last_path, overflowed,
                                    announced, answered, timed, in_time, wait_s, abandoned, abandoned_in_time,
                                    abandoned_5, abandoned_10, abandoned_20, ended, valued, value_in_time, value_missed)
SELECT to_timestamp(quarter * 900), 'voice', 'main', queue, '', tier, 100, 2, 17, 0,
       66, 66, 50, 1333, 17, 17, 0, 0, 17, 17, 83, 15000000, 5000000
FROM generate_series(extract(epoch FROM now())::int / 900 - 92 * 96, extract(epoch FROM now())::int / 900) AS quarter,
     unnest(ARRAY['vip', 'priority', 'standard']) AS queue,
     unnest(ARRAY['bronze', 'silver', 'gold', 'platinum']) AS tier
"""
_BRANCHES_TAKEN = """
INSERT INTO routing_branchinterval (starts_at, flow, branch, contacts)
SELECT to_timestamp(quarter * 900), 'main', CASE WHEN branch = 0 THEN 'last_path' ELSE 'branch-' || branch END, 24
FROM generate_series(extract(epoch FROM now())::int / 900 - 92 * 96, extract(epoch FROM now())::int / 900) AS quarter,
     generate_series(0, 49) AS branch
"""
_AUDIT_EVENTS = """
INSERT INTO audit_event (nonce, at, user_id, action, kind, object_id, seal, number, link)
SELECT gen_random_uuid(), now() - ({customers} - n) * interval '10 s', 1,
       CASE WHEN n % 50000 = 0 THEN 'erased' ELSE 'changed' END, 'routing.number', n % {numbers} + 1, md5(n::text),
       n, ''
FROM generate_series(1, {customers}) AS n
"""
_MESSAGES = """
INSERT INTO routing_inboundmessage (account, message_id, kind, channel, thread, number, sender, external_id,
                                    occurred_at, received_at, document, state, due_at, attempts, error)
SELECT '11111111-1111-4111-8111-111111111111', 'message-' || n, 'message', 'whatsapp', 'thread-' || n / 4,
       '390255500000', '3902' || lpad((n / 4)::text, 8, '0'), '', now() - ({customers} - n) * interval '8 s',
       now() - ({customers} - n) * interval '8 s', '{{}}', CASE WHEN n % 50000 = 0 THEN 'failed' ELSE 'decided' END,
       now(), 1, ''
FROM generate_series(1, {customers}) AS n
"""
_CONVERSATIONS = """
INSERT INTO routing_conversation (account, channel, thread, number, sender, external_id, queue, help_desk, team,
                                  decision_id, assigned_team, is_taken_by_hand, is_open, opened_at, last_message_at,
                                  is_known)
SELECT '11111111-1111-4111-8111-111111111111', 'whatsapp', 'thread-' || n, '390255500000',
       '3902' || lpad(n::text, 8, '0'), n::text, CASE WHEN n % 50000 = 0 THEN 'night' ELSE 'vip' END, '', '',
       md5(n::text), '', n % 50000 = 0, n % 20 = 0, now() - ({customers} - n) * interval '8 s',
       now() - ({customers} - n) * interval '8 s', n % 2 = 0
FROM generate_series(1, {customers}) AS n
"""
_DELIVERIES = """
INSERT INTO routing_delivery (key, decision_id, help_desk, document, state, attempts, due_at, error, created_at,
                              conversation_id)
SELECT 'delivery-' || n, md5(n::text), 'desk', '{{}}', CASE WHEN n % 50000 = 0 THEN 'dead' ELSE 'delivered' END, 1,
       now(), '', now() - ({customers} - n) * interval '8 s', n
FROM generate_series(1, {customers}) AS n
"""
_NOTIFICATIONS = """
INSERT INTO routing_notification (key, decision_id, attempts, due_at, error, created_at, state, target)
SELECT 'notification-' || n, md5(n::text), 1, now(), '', now() - ({customers} - n) * interval '8 s',
       CASE WHEN n % 50000 = 0 THEN 'dead' ELSE 'delivered' END, 'key-accounts'
FROM generate_series(1, {customers}) AS n
"""

_CHAIN = """
INSERT INTO audit_chainend (number, link, seal) VALUES ({customers}, '', '')
"""

_TABLES: Mapping[str, LiteralString] = {
    "audit_chainend": _CHAIN,
    "routing_decision": _DECISIONS,  # first: it takes as long as all the others
    "customers_customer": _CUSTOMERS,
    "customers_handle": _HANDLES,
    "customers_tierchange": _TIER_CHANGES,
    "customers_tieroverride": _OVERRIDES,
    "customers_customermerge": _MERGES,
    "routing_contactevent": _EVENTS,
    "routing_reportinterval": _INTERVALS,
    "routing_branchinterval": _BRANCHES_TAKEN,
    "audit_event": _AUDIT_EVENTS,
    "routing_conversation": _CONVERSATIONS,
    "routing_inboundmessage": _MESSAGES,
    "routing_delivery": _DELIVERIES,
    "routing_notification": _NOTIFICATIONS,
}


def fill(url: str, customers: int) -> None:
    """Every table, two at a time, each said when it is done. They must be empty."""
    with ThreadPoolExecutor(2) as pool:
        for said in pool.map(lambda table: _fill(url, table, customers), _TABLES):
            print(said, flush=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _fill(url: str, table: str, customers: int) -> str:
    began = monotonic()
    sizes = {"customers": customers, "decisions": DECISIONS, "numbers": NUMBERS, "every": EVERY_S}
    # Keys to other tables are right by construction; to look at each takes longer than the rows.
    with psycopg.connect(
        url, options="-c session_replication_role=replica -c maintenance_work_mem=512MB"
    ) as connection:
        remake = _drop_indexes(connection, table)
        rows = connection.execute(sql.SQL(_TABLES[table]).format(**sizes)).rowcount
        filled = monotonic()
        for statement in remake:
            connection.execute(statement)
    return f"{table}: {rows:,} rows in {filled - began:.0f} s, their indexes in {monotonic() - filled:.0f} s."


def _drop_indexes(connection: psycopg.Connection[Any], table: str) -> list[sql.SQL | sql.Composed]:
    """Drops the unique constraints and indexes of a table, but its primary key; what makes them again."""
    named = sql.Identifier(table)
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index LEFT JOIN pg_constraint"
        " ON conindid = indexrelid WHERE indrelid = %s::regclass AND conname IS NULL",
        [table],
    ).fetchall()
    for name, _definition in constraints:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(named, sql.Identifier(name)))
    for name, _definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    # Of the database's own words: nothing in them is anybody's input.
    again: list[sql.SQL | sql.Composed] = [sql.SQL(cast(LiteralString, definition)) for _name, definition in indexes]
    return again + [
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            named, sql.Identifier(name), sql.SQL(cast(LiteralString, definition))
        )
        for name, definition in constraints
    ]
