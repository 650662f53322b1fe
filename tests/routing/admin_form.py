"""The form of a thing in the admin, filled in: what it says, without the page around it."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import site
from django.db.models import Model
from django.test import RequestFactory

from contactcenter.accounts.models import User


def filled(thing: Model, data: Mapping[str, Any], by: User) -> Any:
    """As `by` sends it; `thing` may be a new one."""
    request = RequestFactory().post("/", data)
    request.user = by
    present = thing if thing.pk else None
    form = site.get_model_admin(type(thing)).get_form(request, present, change=present is not None)
    return form(request.POST, request.FILES, instance=thing)
