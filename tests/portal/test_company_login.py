"""The company's own login, by OpenID Connect: whom it lets in, whom not, and with which rights."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.test import Client
from pytest_django import Settings

from contactcenter.accounts.models import User
from tests.portal.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running

pytestmark = pytest.mark.django_db

ANNA = {"sub": "7", "email": "Anna@Example.com", "email_verified": True, "name": "Anna Rossi"}
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def _issuer() -> Iterator[Issuer]:
    with running(Issuer()) as issuer:
        yield issuer


@pytest.fixture
def issuer(_issuer: Issuer, settings: Settings) -> Issuer:
    """The company's login, which the portal is set up for; Anna comes by it."""
    app = {
        "provider_id": "company",
        "name": "Example Ltd",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": _issuer.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    settings.OIDC_DOMAINS = []
    _issuer.person = dict(ANNA)
    return _issuer


def come(client: Client) -> Any:
    """Press the button, be sent to the company's login, and come back."""
    sent = client.get("/admin/login/oidc/company/login/?process=login")
    back = requests.get(sent["Location"], allow_redirects=False, timeout=10)
    return client.get(back.headers["Location"].removeprefix("http://testserver"))


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_the_login_page_offers_it_and_keeps_the_password(issuer: Issuer, client: Client) -> None:
    page = client.get("/admin/login/?next=/admin/queues/queue/").content.decode()
    assert "Log in with Example Ltd" in page
    assert 'name="password"' in page
    assert "next=%2Fadmin%2Fqueues%2Fqueue%2F" in page


def test_without_an_issuer_nothing_is_offered(client: Client) -> None:
    assert "Log in with" not in client.get("/admin/login/").content.decode()


def test_somebody_who_is_known_is_let_in_with_his_rights_and_keeps_his_password(issuer: Issuer, client: Client) -> None:
    anna = User.objects.create_user("anna", "anna@example.com", PASSWORD, is_staff=True, is_superuser=True)
    assert come(client)["Location"] == "/admin/"
    assert client.get("/admin/").wsgi_request.user == anna
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_he_is_known_again_when_his_address_has_changed(issuer: Issuer, client: Client) -> None:
    anna = User.objects.create_user("anna", "anna@example.com", is_staff=True)
    come(client)
    issuer.person["email"] = "anna.bianchi@example.com"
    again = Client()
    come(again)
    assert again.get("/admin/").wsgi_request.user == anna


@pytest.mark.parametrize(
    ("claims", "domains"),
    [
        pytest.param({}, [], id="unknown, and no domain is open"),
        pytest.param({}, ["example.org"], id="unknown, of another domain"),
        pytest.param({"email": "anna@evil-example.com"}, ["example.com"], id="a domain that only ends alike"),
        pytest.param({"email_verified": False}, ["example.com"], id="an address that nobody vouches for"),
        pytest.param({"email_verified": "false"}, ["example.com"], id="a word that says no"),
        pytest.param({"email": None}, ["example.com"], id="no address at all"),
    ],
)
def test_who_is_not_known_stays_outside(
    claims: dict[str, Any], domains: list[str], issuer: Issuer, client: Client, settings: Settings
) -> None:
    settings.OIDC_DOMAINS = domains
    issuer.person |= claims
    assert "You are not known here yet" in come(client).content.decode()
    assert not is_in(client)
    assert not User.objects.exists()


def test_an_address_that_nobody_vouches_for_opens_nobodys_login(issuer: Issuer, client: Client) -> None:
    User.objects.create_user("anna", "anna@example.com", PASSWORD, is_staff=True)
    issuer.person["email_verified"] = False
    come(client)
    assert not is_in(client)


def test_a_newcomer_of_the_companys_domain_gets_a_login_without_rights(
    issuer: Issuer, client: Client, settings: Settings
) -> None:
    settings.OIDC_DOMAINS = ["Example.com"]
    assert come(client)["Location"] == "/admin/"
    anna = User.objects.get()
    assert (anna.username, anna.email, anna.get_full_name()) == ("anna@example.com", "anna@example.com", "Anna Rossi")
    assert (anna.is_superuser, anna.has_usable_password()) == (False, False)
    assert anna.get_all_permissions() == set()
    assert client.get("/admin/queues/queue/").status_code == 403


def test_a_closed_login_is_not_opened_by_the_company(issuer: Issuer, client: Client) -> None:
    User.objects.create_user("anna", "anna@example.com", is_staff=True, is_active=False)
    come(client)
    assert not is_in(client)


def test_an_answer_that_nobody_asked_for_is_refused(issuer: Issuer, client: Client) -> None:
    User.objects.create_user("anna", "anna@example.com", is_staff=True)
    answer = client.get("/admin/login/oidc/company/login/callback/?code=one-time&state=made-up")
    assert "The company’s login did not work" in answer.content.decode()
    assert not is_in(client)


def test_whoever_comes_by_it_needs_no_second_factor_of_ours(issuer: Issuer, client: Client, settings: Settings) -> None:
    settings.REQUIRE_TWO_FACTORS = ["everyone"]
    User.objects.create_user("anna", "anna@example.com", is_staff=True)
    come(client)
    assert is_in(client)


def test_a_company_login_that_is_down_is_told(issuer: Issuer, client: Client, settings: Settings) -> None:
    provider = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    provider["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"
    answer = client.get("/admin/login/oidc/company/login/?process=login")
    assert "The company’s login did not work" in answer.content.decode()
