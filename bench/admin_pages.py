"""The portal's pages over big tables: how long the slowest ones take, and how many questions they ask the database.

A million customers, ten million decisions, ten thousand numbers. Every list is opened, paged, filtered and searched; of
every kind of thing the page of one and its history. By a superuser with Django's own client: no network, no browser.
Figures are shares of 500 ms, the goal of each page.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench import admin_draft, admin_tables
from bench.figures import Figure
from contactcenter.accounts.models import User
from contactcenter.foundation.admin import EvidenceAdmin
from customers.models import Customer
from routing.models import Number, Release, ReportInterval

GOAL_S = 0.5
OUR_APPS = ("accounts", "audit", "customers", "foundation", "queues", "routing")
SLOWEST = 30
WITHOUT_PAGES = (ReportInterval,)
WORDS = ("zzzz", "Cliente77", "Anna", "call-4711", "%2B390200004711", "+3902555", "7")

FILTERS: dict[str, tuple[str, ...]] = {
    "conversation": ("queue=night", "is_taken_by_hand__exact=1"),
    "customer": ("tier__id__exact=1",),
    "customermerge": ("cause__exact=manual",),
    "decision": ("queue=vip", "queue=night", "reason=deadline", "queue=night&reason=deadline"),
    "delivery": ("state__exact=dead",),
    "event": ("action=erased", "action=published"),
    "inboundmessage": ("state__exact=failed",),
    "notification": ("state__exact=dead",),
    "number": ("flow__id__exact=1", "use=silent", "use=waiting", "use=without_flow", "channel__exact=voice"),
    "tierchange": ("cause__exact=sync", "cause__exact=admin", "new_tier=platinum"),
    "tieroverride": ("tier__id__exact=4",),
}


def set_up(url: str, customers: int) -> None:
    """Fills an empty database."""
    admin_tables.fill(url, customers)
    admin_draft.set_up(User.objects.create_superuser("bench"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(rounds: int) -> list[Figure]:
    """The slowest look at a list, at a search, and at any other page, as shares of the goal."""
    admin.autodiscover()  # else its pages come with the first address that is looked up
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.WARNING)  # pages that refuse say so
    client = Client(headers={"x-forwarded-proto": "https"})
    client.force_login(User.objects.get(username="bench"))
    timed = {page: _timed(client, page, rounds) for page in dict.fromkeys(_pages())}
    for page in sorted(timed, key=lambda page: -median(timed[page][0]))[:SLOWEST]:
        times, queries = timed[page]
        print(f"{1000 * median(times):7.0f} ms {queries:4} queries  {page}", flush=True)
    slowest: dict[str, list[float]] = {}
    for page, (times, _queries) in timed.items():
        slowest[_kind(page)] = max(slowest.get(_kind(page), [0.0]), times, key=median)
    return [
        Figure(f"slowest_{kind}_of_the_admin", [time / GOAL_S for time in times], 1.0, True)
        for kind, times in slowest.items()
    ]


def _kind(page: str) -> str:
    if "?q=" in page:
        return "search"
    return "list" if page.partition("?")[0] in _lists() else "page"


def _lists() -> dict[str, Any]:
    """The address of every list of ours, and whose it is."""
    return {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"): page
        for model, page in admin.site._registry.items()
        if model._meta.app_label in OUR_APPS
    }


def _timed(client: Client, page: str, rounds: int) -> tuple[list[float], int]:
    times = []
    for _ in range(rounds):
        reset_queries()  # its memory for them is limited, and full soon
        with CaptureQueriesContext(connection) as asked:
            began = perf_counter()
            answer = client.get(page, secure=True)
            times.append(perf_counter() - began)
        # 302: beyond the last page of a short list; 403: of some things there is only one
        assert answer.status_code in (200, 302, 403), page
    return times, len(asked)


def _pages() -> Iterator[str]:
    for url, page in _lists().items():
        yield from (url, f"{url}?p=90", f"{url}?p=2")
        yield from (f"{url}?{query}" for query in FILTERS.get(page.model._meta.model_name, ()))
        for ago in (0, 60) if hasattr(page, "day_field") else ():
            yield f"{url}?day={timezone.localdate() - timedelta(days=ago)}"
        yield from (f"{url}?q={word}" for word in WORDS if page.search_fields)
        yield from _of_one(url, page)
    yield from _others()


def _of_one(url: str, page: Any) -> Iterator[str]:
    """The newest thing of a kind: its page and its history; and the page where one is added."""
    newest = page.model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    if newest and page.model not in WITHOUT_PAGES:
        yield f"{url}{newest}/change/"
    if not isinstance(page, EvidenceAdmin):
        yield from (f"{url}{newest}/history/", f"{url}add/") if newest else (f"{url}add/",)


def _others() -> Iterator[str]:
    """What is no list and no form of one thing."""
    names = ("index", "routing_release_publish", "routing_report_failed", "routing_pilot_start")
    yield from (reverse(f"admin:{name}") for name in (*names, "queues_switch_send", "queues_switch_announce"))
    yield from map(reverse, ("guided", "what_if"))
    reports, last = reverse("admin:routing_reportinterval_changelist"), timezone.localdate()
    yield from (f"{reports}?first={last - timedelta(days=days)}&last={last}" for days in (30, 90))
    trial, number = reverse("try_a_call"), Number.objects.values_list("pk", flat=True)[0]
    yield trial
    yield from (f"{trial}?number={number}&caller=tier:gold&when=now&by={by}" for by in ("draft", "live"))
    for release in Release.objects.values_list("pk", flat=True):
        yield reverse("admin:routing_release_roll_back", args=[release])
        yield reverse("admin:routing_release_reset", args=[release])
    for table in ("numbers", "customers", "queues"):
        yield reverse("tables_export", args=[table])
        yield reverse("tables_hand_in", args=[table])
    yield reverse("erase_person", args=[Customer.objects.values_list("pk", flat=True)[0]])
