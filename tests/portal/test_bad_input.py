"""Whatever is typed into a form of the portal: it is said what is wrong, or it is kept as it is. Never a traceback."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from contactcenter.accounts.models import User
from contactcenter.foundation.one_row import OneRowAdmin
from customers.models import Customer, Handle, LoyaltyTier
from queues.models import PhoneSystem, Queue
from routing.models import Branch, Decision, Flow, Number
from tests.portal.one_of_each import one
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db

OUR_APPS = ("accounts", "auth", "customers", "queues", "routing")
OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OUR_APPS), key=lambda model: model._meta.label
)
SCRIPT = '"><script>alert(1)</script>'
ENDLESS = "9" * 10_000
BEYOND_ALL_BOUNDS = "9" * 400
TYPED = {
    "a script, an emoji and a change of direction": f"{SCRIPT}👑 ‮dlog",
    "a null character": "gold\x00",
    "ten thousand characters": ENDLESS,
    "JSON of another shape": '[[{"variable": {"a": 1}, "operator": [], "value": null}], 7, null]',
}
NUMBERS = (forms.IntegerField, forms.DecimalField, forms.FloatField)
"""Endless digits are none to them: they get as many as they would read."""


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_form_takes_whatever_is_typed(model: Any, admin_client: Client, admin_user: User, without_menu: None) -> None:
    request = RequestFactory().get("/")
    request.user = admin_user
    page = admin.site._registry[model]
    is_one_row = isinstance(page, OneRowAdmin)
    if not (is_one_row or page.has_add_permission(request)):
        assert not page.has_change_permission(request) or model._meta.label == "accounts.User"
        return
    view = "changelist" if is_one_row else "add"
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}")
    fields = dict(fields_by_name(page.get_form(request)()))
    counts: dict[str, str] = {}
    for formset, _inline in page.get_formsets_with_inlines(request):
        prefix = formset.get_default_prefix()
        counts |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
        fields |= {f"{prefix}-0-{name}": field for name, field in fields_by_name(formset().empty_form)}
    for what, typed in TYPED.items():
        answer = admin_client.post(url, filled(fields, typed) | counts)
        assert answer.status_code in (200, 302), what
        assert SCRIPT not in answer.content.decode(), what


def test_two_clicks_on_save_at_once_make_one_thing_and_no_traceback(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = one(PhoneSystem, name="PBX", slug="pbx", hosts="pbx.example.net")
    add = reverse("admin:queues_queue_add")
    typed = fields_of(admin_client.get(add).content.decode())
    typed |= {"name": ["Gold"], "slug": ["gold"], "phone_system": [str(system.pk)], "voice_address": ["8001"]}
    look, looks = Queue.validate_unique, []

    def overtaken(queue: Queue, exclude: Any = None) -> None:
        """The other click is saved just when this one has been looked at; what fails is undone, both with it."""
        looks.append(queue)
        if len(looks) == 1:
            look(queue, exclude)
        one(Queue, name="Gold", slug="gold")
        if len(looks) > 1:
            look(queue, exclude)

    monkeypatch.setattr(Queue, "validate_unique", overtaken)
    assert "slug" in admin_client.post(add, typed).context["adminform"].form.errors
    assert Queue.objects.count() == 1


def test_what_the_database_holds_is_shown_as_text(admin_client: Client) -> None:
    tier = one(LoyaltyTier, name=SCRIPT, slug="gold")
    customer = one(Customer, name=SCRIPT, tier=tier, plan=SCRIPT)
    one(Handle, customer=customer, kind="phone", value="+393331234578")
    system = one(PhoneSystem, name=SCRIPT, slug="pbx", hosts="pbx.example.net")
    queue = one(Queue, name=SCRIPT, slug="vip", phone_system=system, voice_address="8001")
    flow = one(Flow, name=SCRIPT, slug="flow", last_path=queue)
    one(Branch, flow=flow, label=SCRIPT, slug="gold", queue=queue)
    number = one(Number, label=SCRIPT, flow=flow, default_queue=queue, address="+390255500000")
    said = {"variables": {SCRIPT: SCRIPT}}
    decision = one(Decision, branch=SCRIPT, queue=SCRIPT, tier=SCRIPT, call_id=SCRIPT, document=said)
    pages = [
        reverse("admin:index"),
        reverse("admin:routing_release_publish"),
        reverse("try_a_call") + f"?number={number.pk}&caller=tier:gold&when=now&by=draft",
        reverse("admin:routing_decision_changelist"),
        reverse("admin:routing_decision_change", args=[decision.pk]),
        *(reverse(f"admin:routing_flow_{page}", args=[flow.pk]) for page in ("change", "delete", "history")),
        *(reverse(f"admin:queues_queue_{page}", args=[queue.pk]) for page in ("delete", "close")),
        *(reverse(f"admin:customers_{page}_changelist") for page in ("customer", "loyaltytier")),
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200, page
        assert SCRIPT not in answer.content.decode(), page
        assert "&lt;script&gt;alert(1)" in answer.content.decode(), page


def fields_by_name(form: forms.BaseForm) -> Iterator[tuple[str, forms.Field]]:
    """By the names that a browser would send, those of split fields among them."""
    for name, field in form.fields.items():
        parts = len(getattr(field.widget, "widgets", ())) or 1
        yield from [(name, field)] if parts == 1 else [(f"{name}_{part}", field) for part in range(parts)]


def filled(fields: Mapping[str, forms.Field], typed: str) -> dict[str, str]:
    """The same in every field."""
    digits = BEYOND_ALL_BOUNDS if typed is ENDLESS else typed
    return {name: digits if isinstance(field, NUMBERS) else typed for name, field in fields.items()}


@pytest.mark.parametrize("address", ["/admin/routing/decision/?channel__exact=%00", "/api/v1/decisions/%00"])
def test_a_null_character_in_an_address_is_refused(address: str, admin_client: Client) -> None:
    assert admin_client.get(address).status_code == 400
