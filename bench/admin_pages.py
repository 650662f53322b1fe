"""The portal's lists over big tables: the slowest page of each, and how many questions it asks the database.

A million customers, ten million decisions, ten thousand numbers. Every list is opened, paged, filtered and searched by
a superuser with Django's own client: no network, no browser. Figures are shares of 500 ms, the goal of each page.
"""

from collections.abc import Iterator
from statistics import median
from time import monotonic, perf_counter
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import contact_centre, database
from bench.figures import Figure
from contactcenter.accounts.models import User
from queues.models import PhoneSystem, Queue
from routing.models import Flow, Number, ProviderAccount

GOAL_S = 0.5
DECISIONS = 10_000_000
NUMBERS = 10_000
AT_ONCE = 500_000
OUR_APPS = ("accounts", "audit", "customers", "queues", "routing", "tables")
SLOWEST = 12

_DECISIONS = """
INSERT INTO routing_decision (decision_id, account, call_id, channel, number, caller, attempt, release, flow, branch,
                              queue, tier, reason, degraded, decided_at, host, document)
SELECT md5(n::text), '11111111-1111-4111-8111-111111111111', 'call-' || n, 'voice', '+390255500000',
       '+3902' || lpad((n %% 1000000)::text, 8, '0'), 0, 1, 'main', 'gold',
       (ARRAY['vip', 'priority', 'standard'])[n %% 3 + 1], (ARRAY['bronze', 'silver', 'gold'])[n %% 3 + 1],
       CASE WHEN n %% 100000 = 0 THEN 'deadline' ELSE 'branch' END, '[]', now() - (%(last)s - n) * interval '0.8 s',
       'bench', '{"answer": {"queue": "vip"}, "variables": {"customer.tier": "gold"}}'
FROM generate_series(%(first)s, %(last_of_these)s) AS n
"""
_EVENTS = """
INSERT INTO routing_contactevent (event_id, decision_id, call_id, kind, queue, happened_at, document)
SELECT 'event-' || n, md5(n::text), 'call-' || n, 'answered', 'vip', now() - n * interval '1 s', '{}'
FROM generate_series(1, 1000000) AS n
"""
_TIER_CHANGES = """
INSERT INTO customers_tierchange (customer_id, old_tier, new_tier, cause, changed_at)
SELECT id, 'silver', 'gold', 'sync', now() - id * interval '1 s' FROM customers_customer
"""
_NAMES = """
UPDATE customers_customer SET name = (ARRAY['Anna', 'Bruno', 'Carla', 'Dario'])[id %% 4 + 1] || ' Cliente' || id
"""


def measure(url: str, rounds: int, customers: int) -> list[Figure]:
    """The slowest look at a list, and at a search, as shares of the goal."""
    settings.ALLOWED_HOSTS = ["testserver"]
    _fill(url, customers)
    client = Client(headers={"x-forwarded-proto": "https"})
    client.force_login(User.objects.create_superuser("bench"))
    seen = [(_timed(client, page, rounds), page) for page in _pages()]
    seen.sort(key=lambda each: -median(each[0][0]))
    for (times, queries), page in seen[:SLOWEST]:
        print(f"{1000 * median(times):7.0f} ms {queries:4} queries  {page}")
    return [
        Figure(
            name,
            [time / GOAL_S for time in next(times for (times, _n), page in seen if ("?q=" in page) is search)],
            1.0,
            True,
        )
        for name, search in (("slowest_list_of_the_admin", False), ("slowest_search_of_the_admin", True))
    ]


def _timed(client: Client, page: str, rounds: int) -> tuple[list[float], int]:
    times = []
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as asked:
            began = perf_counter()
            answer = client.get(page, secure=True)
            times.append(perf_counter() - began)
        assert answer.status_code in (200, 302), page  # beyond the last page of a short list
    return times, len(asked)


def _pages() -> Iterator[str]:
    """Home, and every list: as it opens, its next page, filtered, searched with and without luck."""
    yield reverse("admin:index")
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OUR_APPS:
            continue
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield url
        yield f"{url}?p=90"
        yield from (f"{url}?{query}" for query in _filters(model))
        if page.search_fields:
            yield from (f"{url}?q={word}" for word in ("zzzz", "Cliente77", "Anna", "call-4711", "%2B390200004711"))


def _filters(model: Any) -> Iterator[str]:
    yield from {
        "customer": ("tier__id__exact=1",),
        "decision": ("queue=vip", "reason=deadline", "day=2026-01-01"),
        "number": ("flow__id__exact=1", "use=silent", "use=without_flow", "channel__exact=voice"),
        "tierchange": ("cause__exact=sync", "new_tier__exact=gold"),
    }.get(model._meta.model_name, ())


def _fill(url: str, customers: int) -> None:
    began = monotonic()
    database.fill(url, customers, within_s=600)
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx1.example.net")
    queues = [
        Queue.objects.create(name=slug.title(), slug=slug, phone_system=system, voice_address=f"800{place}")
        for place, slug in enumerate(contact_centre.QUEUES, start=1)
    ]
    flow = Flow.objects.create(name="Main", slug="main", last_path=queues[-1])
    account = ProviderAccount.objects.get()
    Number.objects.bulk_create(
        Number(
            channel="voice",
            address=f"+3902555{place:05}",
            label=f"Line {place}",
            flow=flow,
            default_queue=queues[-1],
            account=account,
        )
        for place in range(NUMBERS)
    )
    with connection.cursor() as cursor:
        for statement in (_NAMES, _EVENTS, _TIER_CHANGES):
            cursor.execute(statement, {})
        for first in range(1, DECISIONS + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, DECISIONS)
            cursor.execute(_DECISIONS, {"first": first, "last_of_these": last, "last": DECISIONS})
        cursor.execute("VACUUM ANALYZE")
    print(f"Filled in {monotonic() - began:.0f} s.", flush=True)
