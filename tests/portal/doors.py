"""Every door of the admin: each page, each action, and who gets through it by looking or by doing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, resolve, reverse

OWN = re.compile(
    r"admin/\^?(login|logout|second-factor|password_change|language|jsi18n|autocomplete|r/|\(\?P"
    r"|set-up/(done|<)|tables/(import|export)|undo)|^admin/$|.+<path:object_id>/history/"
)
"""What is everybody's own (login, language), or of something that only its maker has (a file, a half-done set-up):
held by tests of their own. So is the history: whoever sees a thing sees its history."""

SHOWS = {"what_if", "try_a_call", "admin:routing_release_change"}
"""Pages that only show something, however they are asked."""

GIVEN = {"table": "queues"}
"""For pages that serve several kinds: one of them stands for all."""

NOTHING, SEES, DOES = "–", "sees", "does"


@dataclass(frozen=True)
class Door:
    """A page: of which model, called what, the name of its address and what the address wants."""

    model: str
    page: str
    name: str
    wants: tuple[str, ...]

    def address(self, thing: models.Model | None) -> str:
        """Of the page for `thing`, or for what it belongs to: the rows of a run are fetched by the key of the run."""
        key = thing.pk if thing else uuid4()
        return reverse(
            self.name, kwargs={each: GIVEN.get(each) or getattr(thing, f"{each}_id", key) for each in self.wants}
        )


def doors() -> list[Door]:
    """All of them, in the order of their models."""
    kinds = {f"{model._meta.app_label}_{model._meta.model_name}": model._meta.label for model in admin.site._registry}
    found = {_door(name, route, wants, kinds) for name, route, wants in _pages(get_resolver().url_patterns, "", "", ())}
    return sorted(found, key=lambda door: (door.model, door.page))


def _pages(
    patterns: Sequence[Any], route: str, space: str, wants: tuple[str, ...]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for pattern in patterns:
        here, given = route + str(pattern.pattern), (*wants, *getattr(pattern.pattern, "converters", ()))
        if hasattr(pattern, "url_patterns"):
            deeper = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _pages(pattern.url_patterns, here, deeper, given)
        elif here.startswith("admin/") and not OWN.match(here) and pattern.name:
            yield space + pattern.name, here, given


def _door(name: str, route: str, wants: tuple[str, ...], kinds: Mapping[str, str]) -> Door:
    short = name.removeprefix("admin:")
    below = re.match(r"admin/(\w+)/(\w+)/", route)
    of = f"{below[1]}_{below[2]}" if below else ""
    page = short.removeprefix(f"{of}_").replace("_", " ")
    return Door(kinds.get(of, ""), page, name, wants)


def knock(person: Any, door: Door, thing: models.Model | None) -> str:
    """Whether `person` sees the page, does what it does, or neither."""
    address = door.address(thing)
    if door.name not in SHOWS and door.page != "changelist" and _passes(person, address, "POST"):
        return DOES
    return SEES if _passes(person, address, "GET") else NOTHING


def actions(person: Any, model: type[models.Model]) -> set[str]:
    """The actions that the list offers him; Django runs no others."""
    page = admin.site.get_model_admin(model)
    request = _request(person, "GET", "/")
    return set(page.get_actions(request)) if page.has_view_or_change_permission(request) else set()


_found = cache(resolve)
"""Everybody knocks at the same addresses."""


def _passes(person: Any, address: str, method: str) -> bool:
    """Pages are not drawn."""
    request = _request(person, method, address)
    request.resolver_match = match = _found(address)
    try:
        with _undone() if method == "POST" else nullcontext():
            answer = match.func(request, *match.args, **match.kwargs)
    except (PermissionDenied, Http404):
        return False
    turned_away = answer.status_code == 302 and re.search(r"/login/|^/admin/$", answer["Location"])
    return answer.status_code not in (403, 404, 405) and not turned_away


@contextmanager
def _undone() -> Iterator[None]:
    """What a click does is of no interest here."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _request(person: Any, method: str, address: str) -> Any:
    request: Any = RequestFactory().generic(method, address)
    request.user, request.session, request._dont_enforce_csrf_checks = person, {}, True
    request._messages = FallbackStorage(request)
    return request
