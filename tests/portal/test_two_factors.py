"""A second factor: set up by each person, asked for at the login, needed by roles, taken away by a superuser."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from contactcenter.accounts import links, login_limits
from contactcenter.accounts.models import AccessLink, User
from contactcenter.accounts.roles import ANALYST, SUPERVISOR
from contactcenter.audit.models import Event
from contactcenter.privacy.rotation import rotate

LOGIN, SET_UP = "/admin/login/", "/admin/second-factor/app/"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", "anna@example.com", PASSWORD, is_staff=True)


@pytest.fixture
def secret(anna: User, rf: Any) -> str:
    """Anna has a second factor: its key."""
    made: str = generate_totp_secret()
    TOTP.activate(anna, made)
    return made


def code(secret: str) -> str:
    """What the app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def log_in(client: Client) -> Any:
    return client.post(LOGIN, {"login": "anna", "password": PASSWORD})


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


@pytest.mark.portable
def test_the_password_alone_lets_nobody_in_and_the_code_does(secret: str, client: Client) -> None:
    assert log_in(client)["Location"] == "/admin/login/code/"
    assert not is_in(client)
    assert "This code is not right." in client.post("/admin/login/code/", {"code": "000000"}).content.decode()
    assert client.post("/admin/login/code/", {"code": code(secret)})["Location"] == "/admin/"
    assert is_in(client)


def test_a_code_counts_once(secret: str, client: Client) -> None:
    log_in(client)
    used = code(secret)
    client.post("/admin/login/code/", {"code": used})
    elsewhere = Client()
    log_in(elsewhere)
    assert "This code is not right." in elsewhere.post("/admin/login/code/", {"code": used}).content.decode()


@pytest.mark.portable
def test_too_many_wrong_codes_are_refused_and_the_right_one_too(
    secret: str, anna: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now().replace(minute=1)
    monkeypatch.setattr("contactcenter.accounts.forms.timezone.now", lambda: began)
    log_in(client)
    for _ in range(login_limits.OF_ONE_CODE - 1):
        login_limits.code(anna.pk, began)
    assert "This code is not right." in client.post("/admin/login/code/", {"code": "000000"}).content.decode()
    assert "Too many wrong codes." in client.post("/admin/login/code/", {"code": code(secret)}).content.decode()


def test_the_key_is_kept_encrypted(secret: str, anna: User) -> None:
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))


@pytest.mark.portable
def test_it_goes_on_under_another_key(secret: str, client: Client, settings: Settings) -> None:
    old, new = settings.FIELD_ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    settings.FIELD_ENCRYPTION_KEYS = [*new, *old]
    assert [rotate()["mfa.Authenticator.data"] for _ in range(2)] == [1, 0]
    settings.FIELD_ENCRYPTION_KEYS = new
    log_in(client)
    assert client.post("/admin/login/code/", {"code": code(secret)})["Location"] == "/admin/"


@pytest.mark.portable
def test_setting_it_up_gives_recovery_codes_and_each_counts_once(anna: User, client: Client) -> None:
    log_in(client)
    key = re.search(r'<code class="login-key"[^>]*>(\w+)<', client.get(SET_UP).content.decode())
    assert key
    assert "This code is not right." in client.post(SET_UP, {"code": "000000"}).content.decode()
    page = client.post(SET_UP, {"code": code(key[1])}, follow=True).content.decode()
    codes = re.findall(r"<li><code>(\d+)</code></li>", page)
    assert len(codes) == 10
    assert "10 codes are left." in page
    for expected in (302, 200):
        elsewhere = Client()
        log_in(elsewhere)
        assert elsewhere.post("/admin/login/code/", {"code": codes[0]}).status_code == expected


def test_who_logged_in_a_while_ago_says_once_more_who_he_is(anna: User, client: Client) -> None:
    client.force_login(anna)
    asked = client.get(SET_UP)
    assert asked["Location"].startswith("/admin/login/again/")
    assert "This is not your password." in client.post("/admin/login/again/", {"password": "wrong"}).content.decode()
    again = client.post(asked["Location"], {"password": PASSWORD, "next": SET_UP})
    assert again["Location"] == SET_UP
    assert client.get(SET_UP).status_code == 200


def test_it_is_switched_off_by_its_owner(secret: str, anna: User, client: Client) -> None:
    log_in(client)
    client.post("/admin/login/code/", {"code": code(secret)})
    assert client.get("/admin/second-factor/app/remove/").status_code == 200
    client.post("/admin/second-factor/app/remove/")
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("required", "role", "is_sent"),
    [
        pytest.param([], SUPERVISOR, False, id="nobody needs one"),
        pytest.param([SUPERVISOR], SUPERVISOR, True, id="the role needs one"),
        pytest.param([SUPERVISOR], ANALYST, False, id="another role needs one"),
        pytest.param(["everyone"], ANALYST, True, id="everyone needs one"),
    ],
)
def test_who_needs_one_is_sent_to_set_it_up(
    required: list[str], role: str, is_sent: bool, anna: User, client: Client, settings: Settings
) -> None:
    settings.REQUIRE_TWO_FACTORS = required
    anna.groups.add(Group.objects.get_or_create(name=role)[0])
    log_in(client)
    answer = client.get("/admin/")
    assert (answer.status_code, answer.get("Location")) == ((302, SET_UP) if is_sent else (200, None))
    if is_sent:
        assert "Your role needs a second factor." in client.get(SET_UP).content.decode()


def test_an_invited_person_sets_it_up_right_after_choosing_a_password(
    anna: User, client: Client, settings: Settings
) -> None:
    settings.REQUIRE_TWO_FACTORS = ["everyone"]
    token = links.make(anna, AccessLink.Purpose.INVITATION, by=None, now=timezone.now())
    client.get(f"/admin/login/link/{token}/")
    chosen = {"new_password1": "a better horse", "new_password2": "a better horse"}
    answer = client.post("/admin/login/link/", chosen, follow=True)
    assert answer.redirect_chain == [("/admin/", 302), (SET_UP, 302)]
    assert "login-key" in answer.content.decode()


def test_a_superuser_needs_what_any_role_needs(admin_client: Client, settings: Settings) -> None:
    settings.REQUIRE_TWO_FACTORS = [SUPERVISOR]
    assert admin_client.get("/admin/")["Location"] == SET_UP


def test_who_has_the_factor_that_he_needs_is_let_on(secret: str, client: Client, settings: Settings) -> None:
    settings.REQUIRE_TWO_FACTORS = ["everyone"]
    log_in(client)
    client.post("/admin/login/code/", {"code": code(secret)})
    assert is_in(client)


def test_a_superuser_takes_a_lost_one_away_and_it_is_on_record(
    secret: str, anna: User, admin_client: Client, client: Client
) -> None:
    page = f"/admin/accounts/user/{anna.pk}/change/"
    assert "Take the second factor away" in admin_client.get(page).content.decode()
    admin_client.post(f"/admin/accounts/user/{anna.pk}/second-factor/")
    assert "Take the second factor away" not in admin_client.get(page).content.decode()
    said = LogEntry.objects.filter(object_id=str(anna.pk)).values_list("change_message", "user__username")
    assert ("Second factor taken away.", "admin") in said
    assert Event.objects.filter(action="factor_taken", object_id=str(anna.pk)).exists()
    assert log_in(client)["Location"] == "/admin/"


def test_in_a_browser_it_is_set_up_and_the_next_login_asks_for_it(tab: Page, anna: User, live_server: Any) -> None:
    tab.context.clear_cookies()
    _log_in_at(tab)
    tab.locator("#account-button").click()
    tab.get_by_role("link", name="Second factor").click()
    tab.get_by_role("link", name="Set it up").click()
    key = tab.locator(".login-key").inner_text()
    tab.get_by_label("Code").fill(code(key))
    tab.get_by_role("button", name="Switch it on").click()
    expect(tab.locator(".login-codes li")).to_have_count(10)
    recovery = tab.locator(".login-codes li").first.inner_text()
    tab.locator("#account-button").click()
    tab.get_by_role("button", name="Log out").click()
    _log_in_at(tab)
    expect(tab.get_by_role("heading", name="Your second factor")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.get_by_label("Code").fill(recovery)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("heading", name="Home")).to_be_visible()


def _log_in_at(tab: Page) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto("/admin/login/")
    tab.get_by_label("User name or e-mail").fill("anna")
    tab.get_by_label("Password", exact=False).first.fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
