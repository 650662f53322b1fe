"""Whatever is typed into a form of the portal: it is said what is wrong, or it is kept as it is. Never a traceback."""

from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from contactcenter.accounts.models import User

pytestmark = pytest.mark.django_db

OUR_APPS = ("accounts", "auth", "customers", "queues", "routing")
OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OUR_APPS), key=lambda model: model._meta.label
)
SCRIPT = '"><script>alert(1)</script>'
TYPED = {
    "ten thousand characters": "x" * 10_000,
    "a script": SCRIPT,
    "a null character": "gold\x00",
    "an emoji and a change of direction": "👑 ‮dlog",
    "a number beyond all bounds": "9" * 400,
    "JSON of another shape": '[[{"variable": {"a": 1}, "operator": [], "value": null}], 7, null]',
}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_form_takes_whatever_is_typed(model: Any, admin_client: Client, admin_user: User) -> None:
    request = RequestFactory().get("/")
    request.user = admin_user
    page = admin.site._registry[model]
    if not page.has_add_permission(request):
        assert not page.has_change_permission(request) or model._meta.label == "accounts.User"
        return
    names = names_of(page.get_form(request)())
    counts: dict[str, str] = {}
    for formset, _inline in page.get_formsets_with_inlines(request):
        prefix = formset.get_default_prefix()
        counts |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
        names += [f"{prefix}-0-{name}" for name in names_of(formset().empty_form)]
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    for what, typed in TYPED.items():
        answer = admin_client.post(url, dict.fromkeys(names, typed) | counts)
        assert answer.status_code in (200, 302), what
        assert SCRIPT not in answer.content.decode(), what


def names_of(form: forms.BaseForm) -> list[str]:
    """The names that a browser would send, those of split fields among them."""
    names = []
    for name, field in form.fields.items():
        parts = len(getattr(field.widget, "widgets", ())) or 1
        names += [name] if parts == 1 else [f"{name}_{part}" for part in range(parts)]
    return names
