"""The way back from the live release, on whichever page tells of it."""

from typing import Any

from django import template

from routing.admin import release_pages
from routing.models import Release

register = template.Library()


@register.inclusion_tag("admin/routing/release/back.html", takes_context=True)
def way_back(context: dict[str, Any], release: Release | None) -> dict[str, Any]:
    """One click to the release before `release`, for whoever may roll back. One query."""
    request = context["request"]
    return {"back": release_pages.way_back(request.user, release), "csrf_token": context.get("csrf_token")}
