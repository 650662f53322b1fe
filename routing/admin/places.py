"""Where in the portal the thing stands that a path of a document leads to."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from queues.models import Queue
from routing.document import Document
from routing.draft import in_draft
from routing.models import Branch, FetchStep
from routing.problems import Problem
from routing.references import EMERGENCY

Place = tuple[Any, ...]


def urls_of(request: HttpRequest, paths: Iterable[Place]) -> dict[Place, str]:
    """The page on which each thing can be changed; empty where there is none that this person may open."""
    asked = list(paths)
    found = in_draft({path[:2] for path in asked if path[0] != EMERGENCY})
    return {path: _of_thing(request, path, found.get(path[:2])) for path in asked}


def urls_to_mend(request: HttpRequest, problems: Iterable[Problem], document: Document) -> dict[Place, str]:
    """Where each problem of `document` can be mended: the page, at the field or row in question."""
    paths = [problem.path for problem in problems]
    return {path: f"{url}{_anchor(path, document)}" if url else "" for path, url in urls_of(request, paths).items()}


ROWS = {"branches": Branch, "steps": FetchStep}
GROUPS = {"hours": "hours-group", "exceptions": "exceptions-group", "variables": "variables-group"}
"""Lists that are mended as a whole."""


def _anchor(path: Place, document: Document) -> str:
    """Rows stand on the page as the draft has them, which may not be how `document` has them."""
    part, key, field, *rest = (*path, "", "")[: max(len(path), 3)]
    if part == EMERGENCY or not field:
        return ""
    if field not in ROWS:
        return f"#{GROUPS.get(field, f'id_{field}')}"
    slug = document[part][key][field][rest[0]]["slug"]
    slugs = list(ROWS[field]._default_manager.filter(flow__slug=key).values_list("slug", flat=True))
    return f"#{field}-{slugs.index(slug)}" if slug in slugs else f"#{field}-group"


def _of_thing(request: HttpRequest, path: Place, thing: Model | None) -> str:
    if path[0] == EMERGENCY:
        return _address(request, Queue, "changelist")
    return _address(request, type(thing), "change", [thing.pk]) if thing else ""


def _address(request: HttpRequest, model: type[Model], page: str, arguments: list[Any] | None = None) -> str:
    meta, user = model._meta, request.user
    label = f"{meta.app_label}.{{}}_{meta.model_name}"
    if not (user.has_perm(label.format("view")) or user.has_perm(label.format("change"))):
        return ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=arguments)
    except NoReverseMatch:
        return ""  # this portal has no page for it
