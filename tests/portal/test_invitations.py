"""A superuser invites a person by mail, and the person chooses a password."""

import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts import invitations, links
from contactcenter.accounts.models import AccessLink, User
from contactcenter.accounts.roles import SUPERVISOR
from contactcenter.audit.models import Event

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/user/add/"
PASSWORD = "a better horse"
ANNA = {"email": "Anna@Example.com", "first_name": "Anna", "last_name": "Rossi", "username": "anna"}


@pytest.fixture
def invite(admin_client: Client) -> Any:
    """The superuser adds a person: the page that follows."""
    role = Group.objects.get_or_create(name=SUPERVISOR)[0]

    def add(**fields: Any) -> str:
        answer = admin_client.post(ADD, {**ANNA, "groups": [role.pk], **fields})
        if answer.status_code == 302:
            answer = admin_client.get(answer["Location"])
        return answer.content.decode()

    return add


def link_in(text: str) -> str:
    found = re.search(r"https?://testserver(/admin/login/link/[\w-]+/)", text)
    assert found, text
    return found[1]


def accept(address: str, password: str = PASSWORD) -> tuple[Client, str]:
    """Whoever opens the link and chooses a password: his browser, and what it shows then."""
    client = Client()
    page = client.get(address, follow=True).content.decode()
    if "new_password1" in page:
        page = client.post(
            "/admin/login/link/", {"new_password1": password, "new_password2": password}, follow=True
        ).content.decode()
    return client, page


def test_a_person_is_invited_chooses_a_password_and_is_in(invite: Any) -> None:
    page = invite()
    assert "The invitation was sent to anna@example.com." in page
    anna = User.objects.get(username="anna")
    assert (anna.is_staff, anna.is_superuser, anna.has_usable_password()) == (True, False, False)
    assert [group.name for group in anna.groups.all()] == [SUPERVISOR]
    assert invitations.state(anna) == "invited"
    [message] = mail.outbox
    assert message.to == ["anna@example.com"]
    assert "Your user name: anna" in message.body

    client, _ = accept(link_in(str(message.body)))
    assert client.get("/admin/").status_code == 200
    anna = User.objects.get(username="anna")
    assert anna.check_password(PASSWORD)
    assert invitations.state(anna) == "accepted"
    said = LogEntry.objects.filter(object_id=str(anna.pk)).values_list("change_message", flat=True)
    assert "Invited." in said
    assert Event.objects.filter(action="invited", object_id=str(anna.pk)).exists()
    assert "Logged in by the link: Invitation." in said


def test_the_link_is_good_once(invite: Any) -> None:
    invite()
    address = link_in(str(mail.outbox[0].body))
    accept(address)
    client, page = accept(address, "another horse")
    assert "This link is no longer good" in page
    assert client.get("/admin/").status_code == 302
    assert User.objects.get(username="anna").check_password(PASSWORD)


def test_looking_at_the_link_does_not_use_it_up(invite: Any) -> None:
    """Mail servers look at links before people do."""
    invite()
    address = link_in(str(mail.outbox[0].body))
    Client().get(address, follow=True)
    assert accept(address)[0].get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("after", "is_good"),
    [
        pytest.param(timedelta(days=3, seconds=-1), True, id="three days, not quite"),
        pytest.param(timedelta(days=3), False, id="three days"),
    ],
)
def test_the_link_is_good_for_three_days(after: timedelta, is_good: bool) -> None:
    anna, now = User.objects.create_user("anna"), timezone.now()
    token = links.make(anna, AccessLink.Purpose.INVITATION, by=None, now=now)
    assert (links.find(token, now + after) is not None) == is_good


def test_of_two_who_use_a_link_at_once_one_is_let_in() -> None:
    anna, now = User.objects.create_user("anna"), timezone.now()
    token = links.make(anna, AccessLink.Purpose.INVITATION, by=None, now=now)
    found = [links.find(token, now) for _ in range(2)]
    assert [links.use_up(link, now) for link in found if link] == [True, False]


def test_a_weak_password_is_refused_and_the_link_stays_good(invite: Any) -> None:
    invite()
    address = link_in(str(mail.outbox[0].body))
    assert "too short" in accept(address, "short")[1]
    assert accept(address)[0].get("/admin/").status_code == 200


def test_sent_again_the_former_link_is_no_longer_good(invite: Any, admin_client: Client) -> None:
    invite()
    anna = User.objects.get(username="anna")
    AccessLink.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert invitations.state(anna) == "invitation expired"
    page = admin_client.get(f"/admin/accounts/user/{anna.pk}/change/").content.decode()
    assert "Send again" in page
    assert "Invitation: invitation expired." in page
    admin_client.post(f"/admin/accounts/user/{anna.pk}/invite/")
    first, second = (link_in(str(message.body)) for message in mail.outbox)
    assert "This link is no longer good" in accept(first)[1]
    assert accept(second)[0].get("/admin/").status_code == 200
    assert "Send again" not in admin_client.get(f"/admin/accounts/user/{anna.pk}/change/").content.decode()


def test_without_mail_the_link_is_shown_once_to_whoever_invites(
    invite: Any, admin_client: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = invite()
    assert "No mail was sent. Hand this link over yourself: it is shown only now" in page
    address = link_in(page)
    anna = User.objects.get(username="anna")
    assert address not in admin_client.get(f"/admin/accounts/user/{anna.pk}/change/").content.decode()
    assert accept(address)[0].get("/admin/").status_code == 200


def test_a_mail_server_that_refuses_is_told_and_the_person_stays(invite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("contactcenter.accounts.mail.send_mail", refuse)
    assert "The mail server did not take the invitation." in invite()
    assert User.objects.filter(username="anna").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"email": ""}, "This field is required.", id="no address"),
        pytest.param({"email": "nonsense"}, "Enter a valid email address.", id="no address at all"),
        pytest.param({"email": "ADMIN@example.com"}, "Somebody else has this address already.", id="taken"),
        pytest.param({"username": "admin"}, "already exists", id="a name that is taken"),
    ],
)
def test_what_cannot_be_invited_is_told_and_nobody_is_added(fields: dict[str, str], words: str, invite: Any) -> None:
    page = invite(**fields)
    assert words in page
    assert not User.objects.filter(first_name="Anna").exists()
    assert mail.outbox == []


def test_without_a_user_name_it_is_the_address(invite: Any) -> None:
    invite(username="")
    assert User.objects.get(first_name="Anna").username == "anna@example.com"


def test_nobody_but_a_superuser_invites_or_takes_a_second_factor_away(supervisor_client: Client) -> None:
    anna = User.objects.create_user("anna")
    for page in ("invite", "second-factor"):
        assert supervisor_client.post(f"/admin/accounts/user/{anna.pk}/{page}/").status_code == 403
    assert not AccessLink.objects.exists()


def test_an_address_that_was_changed_no_longer_opens_the_login(admin_client: Client) -> None:
    anna = User.objects.create_user("anna", "old@example.com", PASSWORD, is_staff=True)
    Client().post("/admin/login/forgotten/", {"email": "old@example.com"})
    page = f"/admin/accounts/user/{anna.pk}/change/"
    form = admin_client.get(page).context["adminform"].form
    kept = {name: value for name, value in form.initial.items() if value and name not in ("last_login", "date_joined")}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    answer = admin_client.post(
        page, {**kept, "groups": [], "user_permissions": [], **joined, "email": "new@example.com"}
    )
    assert answer.status_code == 302
    mail.outbox.clear()
    Client().post("/admin/login/forgotten/", {"email": "old@example.com"})
    assert ["No login belongs to it." in message.body for message in mail.outbox] == [True]
