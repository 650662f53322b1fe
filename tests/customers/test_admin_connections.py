"""The form of a CRM connection: fields by kind, the test of a connection, the live mapping, secrets at home."""

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.crm import CONNECTORS
from customers.crm.auth import AUTHS
from customers.models import CrmConnection, CrmToken, LoyaltyTier
from tests.customers.vendor_crm import Fault, VendorCrm, serve
from tests.customers.vendor_crm.tokens import CLIENT, PATH, SECRET

pytestmark = pytest.mark.django_db

ADD = "admin:customers_crmconnection_add"


@pytest.fixture(scope="module")
def running() -> Iterator[VendorCrm]:
    with serve(30) as crm:
        yield crm


@pytest.fixture
def crm(running: VendorCrm) -> VendorCrm:
    running.journal.clear()
    running.faults.clear()
    running.accepted = None
    return running


def form(kind: str, url: str, **fields: str) -> dict[str, str]:
    data = {
        **{"name": "Sales", "slug": "sales", "connector": kind, "is_enabled": "on"},
        **{"nightly_at": "02:30", "time_zone": "Europe/Rome", "url": url, "auth": CONNECTORS[kind].auths[0]},
        **{"token": "", "page_size": "50", "external_id_path": CONNECTORS[kind].id_path, "region": "IT"},
        "unmapped_tier": "reject",
    }
    data |= {f"option_{option.name}": option.default for option in CONNECTORS[kind].options}
    for prefix in ("mappings", "tier_mappings"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return data | fields


def rest(crm: VendorCrm, **fields: str) -> dict[str, str]:
    pages = {"pagination": "cursor", "records_path": "records", "next_cursor_path": "next_cursor"}
    pages |= {"count_path": "count", "cursor_param": "cursor", "page_size_param": "limit"}
    return form("rest_json", f"{crm.url}/rest/cursor", **{"token": SECRET, **pages, **fields})


def mapping(*rows: tuple[str, str]) -> dict[str, str]:
    data = {"mappings-TOTAL_FORMS": str(len(rows))}
    for number, (target, expression) in enumerate(rows):
        data |= {f"mappings-{number}-target": target, f"mappings-{number}-expression": expression}
        data |= {f"mappings-{number}-on_error": "reject"}
    return data


def change(connection: CrmConnection) -> str:
    return reverse("admin:customers_crmconnection_change", args=[connection.pk])


def trial(client: Client, data: dict[str, str], connection: CrmConnection | None = None, status: int = 200) -> str:
    name = f"admin:customers_crmconnection_trial{'' if connection else '_new'}"
    url = reverse(name, args=[connection.pk] if connection else [])
    response = client.post(url, data, headers={"X-Requested-With": "fetch"})
    assert response.status_code == status
    return response.content.decode()


def test_a_kind_is_chosen_first(supervisor_client: Client) -> None:
    page = supervisor_client.get(reverse(ADD)).content.decode()
    for kind in CONNECTORS:
        assert f"?connector={kind}" in page


@pytest.mark.parametrize("kind", [kind for kind in CONNECTORS if kind != "upload"])
def test_each_kind_shows_its_own_fields(supervisor_client: Client, kind: str) -> None:
    page = supervisor_client.get(reverse(ADD), {"connector": kind}).content.decode()
    for other in CONNECTORS.values():
        for option in other.options:
            is_ours = option.name in {each.name for each in CONNECTORS[kind].options}
            assert (f'name="option_{option.name}"' in page) == is_ours
    assert CONNECTORS[kind].example in page, "an address of its own"
    assert ('name="records_path"' in page) == (kind == "rest_json")
    for auth in AUTHS:
        assert (f'<option value="{auth}"' in page) == (auth in CONNECTORS[kind].auths)


def test_a_list_is_handed_in_instead(supervisor_client: Client) -> None:
    response = supervisor_client.get(reverse(ADD), {"connector": "upload"})
    assert response["Location"] == reverse("admin:customers_crmconnection_upload")


def test_an_auditor_chooses_no_kind(auditor_client: Client) -> None:
    assert auditor_client.get(reverse(ADD)).status_code == 403


def test_what_a_kind_wants_to_know_is_saved(supervisor_client: Client, crm: VendorCrm) -> None:
    data = form(
        "salesforce",
        crm.url,
        auth="client_credentials",
        token=SECRET,
        option_fields="Name, Tier__c",
        option_token_url=crm.url + PATH,
        option_client_id=CLIENT,
        option_subject="not asked for by this way",
    )
    response = supervisor_client.post(reverse(ADD), data)
    assert response.status_code == 302, response.content.decode()
    saved = CrmConnection.objects.get()
    assert (saved.connector, saved.auth, saved.token) == ("salesforce", "client_credentials", SECRET)
    assert saved.options == {
        **{"object": "Contact", "fields": "Name, Tier__c", "version": "62.0"},
        **{"token_url": crm.url + PATH, "client_id": CLIENT},
    }
    assert "Tier__c" in supervisor_client.get(change(saved)).content.decode()


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        pytest.param(
            "salesforce",
            {"option_object": "A; DROP", "option_fields": "Name FROM User"},
            {"option_object": "Letters, digits", "option_fields": "Names of fields"},
            id="no name of an object and of fields",
        ),
        pytest.param(
            "odoo",
            {"option_database": "", "option_auth_name": ""},
            {"option_database": "This is needed", "option_auth_name": "This is needed"},
            id="no database and no user's name",
        ),
        pytest.param(
            "dataverse",
            {"option_token_url": "login", "option_client_id": "x"},
            {"option_token_url": "whole address"},
            id="no token server",
        ),
        pytest.param(
            "rest_json",
            {"pagination": "keyset", "cursor_param": "", "option_one_url": "/customers/"},
            {"cursor_param": "This is needed", "option_one_url": "Write {id}"},
            id="no parameter and no place for the id",
        ),
        pytest.param(
            "hubspot", {"auth": "basic"}, {"auth": "not one of the available choices"}, id="not a way of this kind"
        ),
    ],
)
def test_a_wrong_setting_is_refused(
    supervisor_client: Client, crm: VendorCrm, kind: str, fields: dict[str, str], said: dict[str, str]
) -> None:
    answer = supervisor_client.post(reverse(ADD), form(kind, crm.url, token="x", **fields))
    errors = answer.context["adminform"].form.errors
    for field, words in said.items():
        assert words in str(errors[field])
        assert str(errors[field][0]) in html.unescape(answer.content.decode())
    assert not CrmConnection.objects.exists()


def test_the_test_of_a_connection_shows_a_record_and_what_becomes_of_it(
    supervisor_client: Client, crm: VendorCrm
) -> None:
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    LoyaltyTier.objects.create(name="Silver", slug="silver", rank=2)
    crm.people[0].tier, crm.people[0].phone = "GOLD", "+39021234567"
    rows = mapping(("handle:phone", "phone"), ("tier", "tier"), ("name", "name"), ("purchases", "name"))
    words = {"tier_mappings-TOTAL_FORMS": "1", "tier_mappings-0-value": "Gold", "tier_mappings-0-tier": str(gold.pk)}
    page = trial(supervisor_client, rest(crm, **rows, **words, name="", slug=""))
    assert "The CRM answered with 5 customers." in page
    assert "It says that it has 30." in page
    assert "<strong>+39021234567</strong>" in page
    assert "<strong>gold</strong>" in page
    assert "cannot be read as a number" in page
    assert [asked.headers["authorization"] for asked in crm.journal] == [f"Bearer {SECRET}"]
    assert not CrmConnection.objects.exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=401), "refused our token"),
        (Fault(status=429), "asked us to wait"),
        (Fault(body=b"<html>"), "a web page instead of data"),
        (Fault("truncate"), "broke off"),
        (Fault("reset"), "could not be reached"),
        (Fault(body=b'{"people": []}'), "no list of customers where the connection says"),
        (Fault(body=b'{"records": []}'), "without any customer"),
    ],
)
def test_what_went_wrong_is_said_in_words(supervisor_client: Client, crm: VendorCrm, fault: Fault, said: str) -> None:
    crm.faults.append(fault)
    assert said in trial(supervisor_client, rest(crm))


def values(client: Client, sample: Any, *rows: tuple[str, str], **more: str) -> str:
    text = sample if isinstance(sample, str) else json.dumps(sample)
    data = {"sample": text, "external_id_path": "id", "region": "IT", **mapping(*rows), **more}
    response = client.post(reverse("admin:customers_crmconnection_values"), data, headers={"X-Requested-With": "fetch"})
    assert response.status_code == 200
    return response.content.decode()


SAMPLE = {"id": 7, "who": {"name": "<b>Ada</b>"}, "phones": [{"n": "02 1234567"}, {"n": "+39027654321"}]}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(("name", "who.name"), "<strong>&lt;b&gt;Ada&lt;/b&gt;</strong>", id="a text, escaped"),
        pytest.param(("handle:phone", "phones[*].n"), "+39021234567, +39027654321", id="several numbers"),
        pytest.param(("handle:phone", "who.name"), "is not a telephone number", id="not a number"),
        pytest.param(("name", "who..name"), "This is no JMESPath expression", id="no expression"),
        pytest.param(("name", "length(id)"), "cannot be read with it", id="an expression this record breaks"),
        pytest.param(("tier", "who.name"), "is not in the list of tiers", id="a tier that nobody mapped"),
        pytest.param(("name", "nowhere"), "<td>null</td><td><strong></strong></td>", id="nothing there"),
    ],
)
def test_an_expression_shows_its_value(supervisor_client: Client, row: tuple[str, str], said: str) -> None:
    assert said in values(supervisor_client, SAMPLE, row)


def test_a_record_without_an_id_still_shows_its_fields(supervisor_client: Client) -> None:
    page = values(supervisor_client, {"name": "Ada"}, ("name", "name"))
    assert "no usable id" in page
    assert "<strong>Ada</strong>" in page


@pytest.mark.parametrize("sample", ["", "{", "[1]", "[" * 60_000, '"x"'])
def test_what_is_no_record_is_said(supervisor_client: Client, sample: str) -> None:
    assert "Paste a record of the CRM" in values(supervisor_client, sample, ("name", "name"))


@pytest.mark.parametrize("view", ["customers_crmconnection_trial_new", "customers_crmconnection_values"])
def test_an_auditor_tries_nothing(auditor_client: Client, view: str) -> None:
    assert auditor_client.post(reverse(f"admin:{view}"), {}).status_code == 403


@pytest.fixture
def sales(crm: VendorCrm) -> CrmConnection:
    connection = CrmConnection.objects.create(
        **{"name": "Sales", "slug": "sales", "connector": "hubspot", "url": crm.url, "token": SECRET},
        auth="refresh_token",
        options={"token_url": crm.url + PATH, "client_id": CLIENT},
    )
    CrmToken.objects.create(connection=connection, access_token="access-0", refresh_token="refresh-0")
    return connection


def saved_form(sales: CrmConnection, **fields: str) -> dict[str, str]:
    given = {
        "auth": "refresh_token",
        "option_token_url": (sales.options or {})["token_url"],
        "option_client_id": CLIENT,
    }
    return form("hubspot", fields.pop("url", sales.url), **{**given, **fields})


def test_saving_the_form_as_it_is_keeps_the_tokens(supervisor_client: Client, sales: CrmConnection) -> None:
    CrmToken.objects.update(refresh_token="rotated-meanwhile")
    response = supervisor_client.post(change(sales), saved_form(sales, option_auth_error_statuses="401"))
    assert response.status_code == 302, response.content.decode()
    assert CrmToken.objects.get().refresh_token == "rotated-meanwhile"


def test_stored_tokens_are_never_shown(supervisor_client: Client, sales: CrmConnection) -> None:
    page = supervisor_client.get(change(sales)).content.decode()
    assert "refresh-0" not in page
    assert "access-0" not in page
    assert SECRET not in page


@pytest.mark.parametrize("field", ["url", "option_token_url"])
def test_tokens_do_not_travel_to_another_host(
    supervisor_client: Client, sales: CrmConnection, crm: VendorCrm, field: str
) -> None:
    data = saved_form(sales, **{field: "https://evil.example/x"})
    page = supervisor_client.post(change(sales), data).content.decode()
    assert "another host" in page
    assert "type this token again" in page
    retyped = {**data, "token": "x"}
    assert "type this token again" in supervisor_client.post(change(sales), retyped).content.decode()
    assert CrmToken.objects.get().refresh_token == "refresh-0"


def test_a_granted_token_is_forgotten_with_what_it_was_for(supervisor_client: Client, sales: CrmConnection) -> None:
    data = saved_form(sales, url="https://api.example.com", token="new", refresh_token="refresh-new")
    assert supervisor_client.post(change(sales), data).status_code == 302
    row = CrmToken.objects.get()
    assert (row.access_token, row.refresh_token) == ("", "refresh-new")


def test_a_changed_form_asks_for_no_token(supervisor_client: Client, sales: CrmConnection, crm: VendorCrm) -> None:
    page = trial(supervisor_client, saved_form(sales, option_client_id="another"), sales)
    assert "Save first" in page
    assert crm.journal == []


def test_a_saved_connection_is_tried_with_its_token(
    supervisor_client: Client, sales: CrmConnection, crm: VendorCrm
) -> None:
    page = trial(supervisor_client, saved_form(sales, option_auth_error_statuses="401"), sales)
    assert "The CRM answered with 5 customers." in page
    assert crm.journal[0].headers["authorization"] == "Bearer access-0"


def test_a_form_that_comes_back_keeps_the_sample_and_says_that_secrets_are_gone(
    supervisor_client: Client, crm: VendorCrm
) -> None:
    data = rest(crm, region="XX", token="secret-token-1", sample='{"id": "C-1"}')
    page = supervisor_client.post(reverse("admin:customers_crmconnection_add"), data).content.decode()
    assert "Use the two letters of a country" in page
    assert "C-1" in page
    assert "type them once more" in page
    assert "secret-token-1" not in page
    fresh = supervisor_client.get(reverse("admin:customers_crmconnection_add"), {"connector": "rest_json"})
    assert "type them once more" not in fresh.content.decode()
