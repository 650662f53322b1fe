"""Permissions in words: Django keeps their names in the database, in English."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.translating import listed, named

WHAT = {
    "view": gettext_lazy("view"),
    "add": gettext_lazy("add"),
    "change": gettext_lazy("change"),
    "delete": gettext_lazy("delete"),
}
"""In the order in which they are read; what is particular to a thing comes after them."""
TECHNICAL = ("admin", "contenttypes", "sessions", "django_celery_beat", "socialaccount", "account", "mfa")
"""Apps whose things no page of the portal shows."""


def speak(field: Any) -> None:
    """Let a field of permissions offer what the portal asks for, in the reader's language."""
    unseen = Q(content_type__app_label__in=TECHNICAL)
    for model in apps.get_models():
        if isinstance(model._meta.verbose_name, str):  # it has no name for people
            unseen |= Q(content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name)
    field.queryset = field.queryset.exclude(unseen).select_related("content_type")
    field.label_from_instance = in_words


def by_thing(permissions: Iterable[Permission]) -> list[tuple[str, str]]:
    """Each thing once, with all that is allowed: “Queue”, “view, change”."""
    found: dict[str, list[str]] = {}
    for permission in sorted(permissions, key=_place):
        thing, allowed = _said(permission)
        found.setdefault(thing, []).append(allowed)
    return [(thing, listed(allowed)) for thing, allowed in sorted(found.items())]


def in_words(permission: Permission) -> str:
    """What it is about, then what it allows: “Queue: change”."""
    return named(*_said(permission))


def _place(permission: Permission) -> int:
    usual = [f"{action}_{permission.content_type.model}" for action in WHAT]
    return [*usual, permission.codename].index(permission.codename)


def _said(permission: Permission) -> tuple[str, str]:
    about = permission.content_type
    model = about.model_class()
    thing = capfirst(str(model._meta.verbose_name)) if model else about.name
    usual = {f"{action}_{about.model}": word for action, word in WHAT.items()}
    return thing, str(usual.get(permission.codename) or _(permission.name))
