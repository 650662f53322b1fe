"""Every word that a person reads in the portal is marked: in a language of wide letters nothing stays narrow."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from contactcenter.accounts.models import User
from contactcenter.foundation import naming
from queues import public_holidays
from tests.portal import rows
from tests.portal.pseudo import speak

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LANGUAGE = "de"
READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "label"}
NOT_READ = {"script", "style", "code", "pre", "textarea"}
NOT_OURS = {"django_celery_beat"}

NARROW = re.compile(r"(?<![\w.:/@#{?_-])[A-Za-z]{2,}(?![\w:/@}[?=_*-]|\.\w)")
"""A word that could be English; parts of addresses, of names with dots and of codes are none."""

NAMES = frozenset(
    re.findall(
        r"\S+",
        """
    Asterisk FreePBX FreeSWITCH FusionPBX Twilio TaskRouter Amazon Connect Genesys Cloud jambonz Telnyx Vonage Plivo
    SignalWire Bird Meta WhatsApp Messenger Instagram Chatwoot Zendesk UTC Diversion P-Asserted-Identity User-to-User
    callerId Bahasa Indonesia Deutsch English Italiano Français admin example True False None
    standard priority vip bronze silver gold platinum crm sms queue tier branch flow orders points
    """,
    )
)
"""Names of products and languages, short names of the demo, variables that a help text lists."""

PAGES = ("admin:index", "try_a_call", "what_if", "admin:queues_switch_send", "admin:queues_switch_announce")
ABOUT_RELEASES = (
    "admin:routing_release_publish",
    "admin:routing_report_failed",
    "admin:customers_crmconnection_upload",
    "mfa_index",
)


class Words(HTMLParser):
    """What of a page is read, by eyes or aloud."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.read: list[str] = []
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in NOT_READ
        self.read += [value for name, value in attrs if value and name in READ_ALOUD]
        if tag == "input" and ("type", "submit") in attrs:
            self.read.append(dict(attrs).get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in NOT_READ

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.read.append(data)


def narrow(page: str) -> list[str]:
    """The texts of a page in which a word is not marked."""
    return [text.strip() for text in Words(page).read if set(NARROW.findall(text)) - NAMES]


def addresses() -> Iterator[str]:
    """The pages without a form of their own, then of each thing its list and one of it, or an empty form."""
    yield from (reverse(name) for name in (*PAGES, *ABOUT_RELEASES))
    for model in admin.site._registry:
        of_model = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if model._meta.app_label in NOT_OURS:
            continue
        yield reverse(f"{of_model}_changelist")
        row: Any = model._default_manager.first()
        try:
            yield reverse(f"{of_model}_change", args=[row.pk]) if row else reverse(f"{of_model}_add")
        except NoReverseMatch:  # reports have neither
            continue


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A portal in use, in wide letters; few countries and time zones, whose names are not ours."""
    rows.fill()
    monkeypatch.setattr(naming, "zones", lambda: (("UTC", "UTC"),))
    monkeypatch.setattr(public_holidays, "countries", lambda *_: {"IT": "Ω"})
    speak(monkeypatch, LANGUAGE)
    client = Client(headers={"accept-language": LANGUAGE})
    client.force_login(User.objects.get(username="admin"))
    return client


def test_no_word_on_any_page_stays_unmarked(portal: Client) -> None:
    found = {}
    for address in addresses():
        answer = portal.get(address)
        assert answer.status_code in (200, 302, 403), address
        if texts := narrow(answer.content.decode()):
            found[address] = sorted(set(texts))
    assert found == {}


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        pytest.param("<p>Not marked</p>", ["Not marked"], id="a plain text"),
        pytest.param('<b title="Close">×</b>', ["Close"], id="a title"),
        pytest.param("<p>Ｑｕｅｕｅ sip:8001@pbx.example.net</p>", [], id="an address in a marked text"),
        pytest.param("<script>var one = 'two';</script>", [], id="a script"),
    ],
)
def test_the_walk_finds(page: str, texts: list[str]) -> None:
    assert narrow(page) == texts
