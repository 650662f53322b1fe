"""The monthly summary: on the first of the month, once for each address, again when the mail server was away."""

import socketserver
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts.models import User
from contactcenter.celery import app
from routing.models import MonthlyMail, ReportInterval, ReportSettings
from routing.reports import summaries, summary, tasks
from tests.routing.reports import month

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

THE_FIRST = datetime(2026, 12, 1, 6, 25, tzinfo=UTC)


@pytest.fixture
def settings_row() -> ReportSettings:
    """Two addresses and one person get the summary of a November with eight answered calls and five messages."""
    month.set_up()
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    given = {"starts_at": at, "flow": "f", "queue": "vip", "tier": "gold"}
    ReportInterval.objects.create(
        **given, channel="voice", contacts=10, answered=8, timed=8, in_time=6, wait_s=120, abandoned=2
    )
    ReportInterval.objects.create(**given, channel="whatsapp", contacts=5)
    ReportInterval.objects.create(**{**given, "starts_at": at + timedelta(days=30)}, channel="voice", contacts=1000)
    row = ReportSettings.objects.create(addresses="boss@example.com\nBOSS@example.com\nboard@example.com")
    row.users.add(User.objects.create_user("sara", "sara@example.com", is_staff=True))
    return row


@pytest.mark.parametrize(
    ("moment", "zone", "due"),
    [
        pytest.param("2026-12-01T06:25Z", "UTC", date(2026, 11, 1), id="the first morning"),
        pytest.param("2026-12-01T05:25Z", "UTC", None, id="too early"),
        pytest.param("2026-12-03T23:25Z", "UTC", date(2026, 11, 1), id="still on the third"),
        pytest.param("2026-12-04T00:25Z", "UTC", None, id="no more on the fourth"),
        pytest.param("2027-01-01T12:25Z", "UTC", date(2026, 12, 1), id="the year changes"),
        pytest.param("2026-11-30T22:25Z", "Asia/Tokyo", date(2026, 11, 1), id="the first has come in Tokyo"),
        pytest.param("2026-12-01T08:25Z", "America/Los_Angeles", None, id="and not in Los Angeles"),
    ],
)
def test_it_is_due_on_the_first_mornings_of_the_sites_clock(
    settings: Settings, moment: str, zone: str, due: date | None
) -> None:
    settings.TIME_ZONE = zone
    assert summaries.due_month(datetime.fromisoformat(moment)) == due


def test_each_address_gets_it_once_with_the_pages_figures(settings_row: ReportSettings) -> None:
    assert summaries.send_due(THE_FIRST) == 3
    assert summaries.send_due(THE_FIRST + timedelta(hours=1)) == 0
    assert sorted(each.to[0] for each in mail.outbox) == ["board@example.com", "boss@example.com", "sara@example.com"]
    sent: Any = mail.outbox[0]
    html, kind = str(sent.alternatives[0][0]), sent.alternatives[0][1]
    text = str(sent.body)
    assert mail.outbox[0].subject == "Priority routing: November 2026"
    assert kind == "text/html"
    for figure in ("Contacts: 10", "Service level: 60 %", "ASA: 15 s", "Abandonment: 20 %", "Not reported: 0 %"):
        assert figure in text
    for part in (text, html):
        assert "November 2026" in part
        assert "answered in time / (answered + abandoned)" in part
        assert "WhatsApp" in part
        assert "Average speed of answer" in part
    assert "Not reported: 100 %" in text, "the messages"
    assert "<strong>60 %</strong>" in html


def test_nobody_is_asked_for_nothing(settings_row: ReportSettings) -> None:
    settings_row.users.update(is_active=False)
    settings_row.addresses = ""
    settings_row.save()
    assert summaries.send_due(THE_FIRST) == 0
    ReportSettings.objects.all().delete()
    assert summaries.send_due(THE_FIRST) == 0
    assert MonthlyMail.objects.count() == 0


def test_it_is_in_the_language_of_the_settings(settings_row: ReportSettings) -> None:
    settings_row.language = "ar"
    subject, _text, html = summary.summary(date(2026, 11, 1), settings_row)
    assert 'lang="ar" dir="rtl"' in html
    assert "2026" in subject
    assert "November" not in subject


class MailServer(socketserver.StreamRequestHandler):
    """Takes messages as SMTP servers do (RFC 5321), and keeps them."""

    taken: list[bytes]
    is_away: bool

    def handle(self) -> None:
        self._say("421 try later" if self.is_away else "220 mail.example.net")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.taken.append(b"".join(lines))
            self._say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[Any]:
    """A mail server on a free port, which the portal is told to use."""
    handler = type("Handler", (MailServer,), {"taken": [], "is_away": False})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield handler
        server.shutdown()


def test_a_real_mail_server_gets_text_and_html_and_when_it_is_away_gets_it_later(
    settings_row: ReportSettings, mail_server: Any
) -> None:
    settings_row.users.clear()
    settings_row.addresses = "boss@example.com"
    settings_row.save()
    mail_server.is_away = True
    assert summaries.send_due(THE_FIRST) == 0
    row = MonthlyMail.objects.get()
    assert (row.sent_at, row.attempts, row.error) == (None, 1, "SMTPConnectError")
    mail_server.is_away = False
    assert summaries.send_due(THE_FIRST) == 0, "not before its lease has ended"
    assert summaries.send_due(THE_FIRST + timedelta(hours=1)) == 1
    assert summaries.send_due(THE_FIRST + timedelta(hours=2)) == 0
    (taken,) = mail_server.taken
    message = message_from_bytes(taken, policy=policy.default)
    assert message["To"] == "boss@example.com"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "Service level: 60 %" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_beat_knows_the_tasks_and_they_do_it(settings_row: ReportSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    app.loader.import_default_modules()
    planned = [each["task"] for name, each in app.conf.beat_schedule.items() if name.startswith("Reports:")]
    assert set(planned) == {tasks.count_contacts.name, tasks.send_summaries.name} <= set(app.tasks)
    tasks.send_summaries()
    mail.outbox.clear()  # on the first days of a month that was last month's
    monkeypatch.setattr(timezone, "now", lambda: THE_FIRST)
    tasks.send_summaries()
    assert len(mail.outbox) == 3
    month.decision(1, THE_FIRST - timedelta(days=3)).save()
    tasks.count_contacts()
    assert ReportInterval.objects.filter(starts_at__date=date(2026, 11, 28)).count() == 1
