"""What is one person's does not come to the next one: at the same desk, at a former address, in another team."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts import links
from contactcenter.accounts.models import AccessLink, User
from contactcenter.foundation.models import Team
from contactcenter.tables.models import TableImport
from customers.models import LoyaltyTier
from queues.models import PhoneSystem, Queue
from routing.models import Flow
from tests.people import PASSWORD
from tests.portal.one_of_each import one
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    found: Flow = one(Flow, name="Priority customers")
    return found


def sent(browser: Client, page: str, fields: dict[str, list[str]]) -> Any:
    """As a browser sends a form without files."""
    return browser.post(page, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded")


def test_what_waits_on_a_page_is_sent_only_by_whoever_typed_it(
    flow: Flow, supervisor_client: Client, supervisor: User, admin_user: User
) -> None:
    page = reverse("admin:routing_flow_change", args=[flow.pk])
    typed = fields_of(supervisor_client.get(page).content.decode()) | {"name": ["Night"]}
    desk = Client()
    desk.cookies["whose_form"] = supervisor_client.cookies["whose_form"].value
    waiting = fields_of(sent(desk, page, typed).content.decode())
    desk.force_login(admin_user)
    refused = sent(desk, page, waiting).content.decode()
    assert "You are logged in as somebody else" in refused
    assert Flow.objects.get().name == "Priority customers"
    desk.force_login(supervisor)
    assert sent(desk, page, fields_of(refused)).status_code == 302
    assert Flow.objects.get().name == "Night"


def test_what_was_said_to_one_person_is_not_said_to_the_next(supervisor: User, admin_user: User) -> None:
    desk, tier = Client(), one(LoyaltyTier, name="Gold of Anna", slug="gold")
    desk.force_login(supervisor)
    desk.post(reverse("admin:customers_loyaltytier_delete", args=[tier.pk]), {"post": "yes"})
    assert not LoyaltyTier.objects.exists()
    desk.post(reverse("admin:logout"))
    desk.force_login(admin_user)
    assert "Gold of Anna" not in desk.get(reverse("admin:customers_loyaltytier_changelist")).content.decode()


def test_an_invitation_to_a_wrong_address_lets_nobody_in_once_it_is_corrected(
    supervisor: User, admin_client: Client
) -> None:
    token = links.make(supervisor, AccessLink.Purpose.INVITATION, by=None, now=timezone.now())
    page = reverse("admin:accounts_user_change", args=[supervisor.pk])
    assert links.find(token, timezone.now())
    form = fields_of(admin_client.get(page).content.decode())
    assert admin_client.post(page, form | {"email": ["right@example.com"]}).status_code == 302
    assert links.find(token, timezone.now()) is None


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_view_recovery_codes"])
def test_no_browser_keeps_a_page_with_the_keys_of_a_second_factor(
    name: str, admin_client: Client, admin_user: User
) -> None:
    if name != "mfa_activate_totp":
        TOTP.activate(admin_user, generate_totp_secret())
        RecoveryCodes.activate(admin_user)
    admin_client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = admin_client.get(reverse(name))
    assert answer.status_code == 200
    assert "no-store" in answer.get("Cache-Control", "")


def test_an_import_touches_only_what_its_person_may_still_change(
    supervisor_client: Client, supervisor: User, admin_client: Client, tmp_path: Path, settings: Settings
) -> None:
    settings.VAR_DIR = tmp_path
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    queue = Queue.objects.create(name="Gold", slug="gold", phone_system=system, voice_address="8001")
    milan = Team.objects.create(name="Milan")
    file = SimpleUploadedFile("queues.csv", b"name,slug\nPlatinum,gold\n")
    for browser in (supervisor_client, admin_client):
        file.seek(0)
        browser.post(reverse("tables_hand_in", args=["queues"]), {"file": file})
    theirs, own = TableImport.objects.order_by("created_at").values_list("pk", flat=True)[::-1]
    supervisor.teams.add(milan)
    supervisor_client.post(reverse("tables_import", args=[own]), {"confirm": "1"})
    assert TableImport.objects.get(pk=own).gone == 1
    queue.refresh_from_db()
    assert queue.name == "Gold"
    assert supervisor_client.get(reverse("tables_import", args=[own])).status_code == 200
    assert supervisor_client.get(reverse("tables_import", args=[theirs])).status_code == 404
    recent = supervisor_client.get(reverse("tables_hand_in", args=["queues"])).content.decode()
    assert str(own) in recent
    assert str(theirs) not in recent
