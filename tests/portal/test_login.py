"""The way in: passwords and their limits, a forgotten password, the way in that is always left."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts import links, login_limits
from contactcenter.accounts.models import AccessLink, User
from contactcenter.audit.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

LOGIN = "/admin/login/"
PASSWORD = "correct horse"
NOON = timezone.now().replace(second=1)
"""A moment early in a minute: attempts are counted by the minute of the clock."""


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", "Anna@Example.com", PASSWORD, is_staff=True)


@pytest.fixture
def _within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactcenter.accounts.adapters.timezone.now", lambda: NOON)


def log_in(client: Client, login: str, password: str, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "login",
    [
        pytest.param("anna", id="by user name"),
        pytest.param("anna@example.com", id="by e-mail"),
        pytest.param("ANNA@example.COM", id="by e-mail in capitals"),
    ],
)
def test_a_person_logs_in_and_comes_where_he_wanted_to_go(login: str, anna: User, client: Client) -> None:
    wanted = "/admin/queues/queue/"
    asked = client.get(wanted)
    assert asked["Location"] == f"{LOGIN}?next={wanted}"
    answer = client.post(LOGIN, {"login": login, "password": PASSWORD, "next": wanted})
    assert answer["Location"] == wanted
    assert is_in(client)
    assert client.session.get_expiry_age() <= 12 * 3600


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("anna", "wrong", id="wrong password"),
        pytest.param("nobody", PASSWORD, id="nobody of that name"),
        pytest.param("nobody@example.com", PASSWORD, id="nobody of that address"),
    ],
)
def test_a_wrong_login_is_told_with_the_same_words(login: str, password: str, anna: User, client: Client) -> None:
    answer = log_in(client, login, password)
    assert "This name and this password do not go together." in answer.content.decode()
    assert password not in answer.content.decode()
    assert not is_in(client)


def test_a_closed_login_stays_closed(anna: User, client: Client) -> None:
    User.objects.update(is_active=False)
    assert (
        "This login is closed"
        in client.post(LOGIN, {"login": "anna", "password": PASSWORD}, follow=True).content.decode()
    )
    assert not is_in(client)


def test_nobody_signs_up(client: Client) -> None:
    new = {"username": "new", "email": "new@example.com", "password1": "a better horse", "password2": "a better horse"}
    for method in (client.get, client.post):
        assert method(reverse("account_signup"), new)["Location"] == LOGIN
    assert not User.objects.exists()


def test_who_is_logged_in_without_rights_is_told_so_and_may_leave(stranger_client: Client) -> None:
    answer = stranger_client.get("/admin/", follow=True)
    assert (answer.status_code, len(answer.redirect_chain)) == (403, 1)
    assert "nothing in the portal is open to you yet" in answer.content.decode()
    assert stranger_client.post("/admin/logout/")["Location"] == LOGIN


@pytest.mark.usefixtures("_within_one_minute")
def test_the_eleventh_wrong_password_in_a_minute_is_refused_and_the_right_one_too(
    anna: User, client: Client, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(login_limits.OF_ONE_LOGIN - 1):
        login_limits.password("anna", "127.0.0.1", NOON)
    assert "do not go together" in log_in(client, "anna", "wrong").content.decode()
    for password in ("wrong", PASSWORD):
        refused = log_in(client, "Anna", password).content.decode()
        assert "Too many wrong passwords. Wait a minute, then try again." in refused
    assert not is_in(client)

    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert log_in(elsewhere, "supervisor", PASSWORD).status_code == 302
    later = NOON + timedelta(minutes=1)
    monkeypatch.setattr("contactcenter.accounts.adapters.timezone.now", lambda: later)
    assert log_in(client, "anna", PASSWORD).status_code == 302


@pytest.mark.usefixtures("_within_one_minute")
def test_right_passwords_do_not_count(anna: User) -> None:
    for _ in range(login_limits.OF_ONE_LOGIN - 1):
        login_limits.password("anna", "127.0.0.1", NOON)
    for _ in range(3):
        assert log_in(Client(), "anna", PASSWORD).status_code == 302


@pytest.mark.usefixtures("_within_one_minute")
def test_one_address_that_tries_many_names_is_refused(anna: User, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    attacker, office = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "203.0.113.10"}
    for number in range(login_limits.OF_ONE_ADDRESS):
        login_limits.password(f"name-{number}", "203.0.113.9", NOON)
    assert log_in(Client(headers=attacker), "anna", PASSWORD).status_code == 200
    assert log_in(Client(headers=office), "anna", PASSWORD).status_code == 302


@pytest.mark.usefixtures("_within_one_minute")
def test_an_address_that_nobody_vouches_for_is_not_believed(anna: User, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    for number in range(login_limits.OF_ONE_ADDRESS):
        login_limits.password(f"name-{number}", "127.0.0.1", NOON)
    assert log_in(Client(headers={"X-Forwarded-For": "203.0.113.200"}), "anna", PASSWORD).status_code == 200


def test_what_was_counted_is_forgotten_and_names_nobody(anna: User, client: Client) -> None:
    from contactcenter.foundation.models import RequestCount

    log_in(client, "anna", "wrong")
    assert not RequestCount.objects.filter(who__contains="anna").exists()
    login_limits.password("somebody", "127.0.0.1", timezone.now() + timedelta(minutes=5))
    assert RequestCount.objects.filter(who__startswith="password:").count() == 2


def test_a_forgotten_password_is_set_anew_by_mail_and_ends_other_sessions(anna: User, client: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(anna)
    answer = client.post(reverse("account_reset_password"), {"email": "anna@example.com"}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    [message] = mail.outbox
    assert (message.to, message.subject) == (["anna@example.com"], "A new password for priority routing")
    page = client.get(_link(str(message.body)), follow=True)
    address, fresh = page.redirect_chain[-1][0], "a better horse"
    assert client.post(address, {"password1": fresh, "password2": fresh}).status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    assert "This link is no longer good" in Client().get(_link(str(message.body))).content.decode()
    assert log_in(Client(), "anna", fresh).status_code == 302


def test_a_reset_tells_nobody_who_has_a_login(anna: User, client: Client) -> None:
    said = [
        client.post(reverse("account_reset_password"), {"email": address}, follow=True).content
        for address in ("anna@example.com", "stranger@example.com")
    ]
    assert re.sub(rb'value="\w{64}"', b"", said[0]) == re.sub(rb'value="\w{64}"', b"", said[1])
    assert "No login belongs to it." in mail.outbox[1].body


def test_who_asks_for_link_after_link_is_told_to_wait(client: Client) -> None:
    cache.clear()
    answers = [client.post(reverse("account_reset_password"), {"email": "anna@example.com"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Wait a minute, then try again." in answers[-1].content.decode()
    assert len(mail.outbox) == 5


def test_without_mail_the_reset_says_whom_to_ask(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "This portal cannot send mail." in client.get(reverse("account_reset_password")).content.decode()


def test_a_break_glass_link_lets_in_once_and_is_on_record(
    anna: User, client: Client, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    call_command("break_glass", "anna")
    address = capsys.readouterr().out.splitlines()[-1]
    page = client.get(address, follow=True)
    assert "in once, without a password" in page.content.decode()
    assert client.post(reverse("use_link")).status_code == 302
    assert is_in(client)
    assert "This link is no longer good" in Client().get(address, follow=True).content.decode()
    link = AccessLink.objects.get()
    assert (link.person, link.purpose, link.made_by) == (anna, AccessLink.Purpose.BREAK_GLASS, None)
    assert link.used_at
    assert ("break_glass", str(anna.pk)) in Event.objects.values_list("action", "object_id")
    said = str([record.msg for record in caplog.records])
    assert "break_glass_link_made" in said
    assert "break_glass_used" in said
    assert address.rsplit("/", 2)[-2] not in said


@pytest.mark.parametrize(
    "late_by", [pytest.param(-1, id="just in time"), pytest.param(0, id="fifteen minutes are over")]
)
def test_a_break_glass_link_is_good_for_fifteen_minutes(late_by: int, anna: User) -> None:
    token = links.make(anna, AccessLink.Purpose.BREAK_GLASS, by=None, now=NOON)
    found = links.find(token, NOON + timedelta(minutes=15, seconds=late_by))
    assert (found is not None) == (late_by < 0)


def test_a_break_glass_link_is_made_for_somebody_with_an_open_login_only(anna: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="Nobody with an open login"):
        call_command("break_glass", "anna")


def _link(text: str) -> str:
    found = re.search(r"https?://testserver(/\S+)", text)
    assert found
    return found[1]
