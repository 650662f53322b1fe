"""The admin of data sources: the live preview, against a real server, and where a secret may go."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter.foundation.models import Change
from contactcenter.foundation.stored_secrets import origin
from customers.models import DataSource, DataSourceVariable

pytestmark = pytest.mark.django_db

SECRET = "the-stored-token"


class Api(ThreadingHTTPServer):
    """Answers with what it was asked, as an echoing API would."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization")
        self.server.asked.append((self.path, sent))
        body = json.dumps({"customer": {"status": "<gold>", "orders": 12}, "you_sent": sent}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


def serving() -> Iterator[Api]:
    with Api() as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        yield api
        api.shutdown()


@pytest.fixture
def api() -> Iterator[Api]:
    yield from serving()


@pytest.fixture
def elsewhere() -> Iterator[Api]:
    yield from serving()


@pytest.fixture
def orders(api: Api) -> DataSource:
    return DataSource.objects.create(
        name="Orders", slug="orders", url=api.url + "/c?phone={call.from}", auth="bearer", secret=SECRET
    )


def form(url: str, variables: list[tuple[str, str, str]] = (), **fields: str) -> dict[str, str]:  # type: ignore[assignment]
    data = {"name": "Orders", "method": "GET", "url": url, "body": "", "auth": "bearer", "auth_name": "", "secret": ""}
    data |= {"budget_ms": "2000", "connect_ms": "1000", "read_ms": "1000", "cache_seconds": "60"}
    data |= {"variables-TOTAL_FORMS": str(len(variables)), "variables-INITIAL_FORMS": "0"}
    for number, (name, expression, kind) in enumerate(variables):
        row = {"name": name, "expression": expression, "type": kind, "default": "", "fills": ""}
        data |= {f"variables-{number}-{key}": value for key, value in row.items()}
    return {**data, "sample:call.from": "+39021234567", **fields}


def ask(client: Client, source: DataSource | None, data: dict[str, str], status: int = 200) -> str:
    url = (
        reverse("admin:customers_datasource_preview", args=[source.pk])
        if source
        else reverse("admin:customers_datasource_preview_new")
    )
    response = client.post(url, data, headers={"X-Requested-With": "fetch"})
    assert response.status_code == status
    return response.content.decode()


def change(source: DataSource) -> str:
    return reverse("admin:customers_datasource_change", args=[source.pk])


def test_the_preview_shows_the_answer_and_each_variable(
    supervisor_client: Client, orders: DataSource, api: Api
) -> None:
    variables = [("status", "customer.status", "text"), ("bad", "customer.status", "number")]
    page = ask(supervisor_client, orders, form(orders.url, variables))
    assert api.asked == [("/c?phone=%2B39021234567", f"Bearer {SECRET}")]
    assert "<td>&lt;gold&gt;</td>" in page
    assert "The answer has another type of value there: a number is expected." in page
    assert "&quot;orders&quot;: 12" in page
    assert not DataSourceVariable.objects.exists()


def test_a_new_source_is_tried_before_it_has_a_name(supervisor_client: Client, api: Api) -> None:
    page = ask(supervisor_client, None, form(api.url + "/new", name="", auth="none"))
    assert "The source answered within" in page
    assert not DataSource.objects.exists()


def test_an_echoed_secret_is_masked(supervisor_client: Client, orders: DataSource) -> None:
    page = ask(supervisor_client, orders, form(orders.url, [("sent", "you_sent", "text")]))
    assert "Bearer •••" in page
    assert SECRET not in page


def test_a_typed_secret_is_used_instead_of_the_stored_one(
    supervisor_client: Client, orders: DataSource, api: Api
) -> None:
    ask(supervisor_client, orders, form(orders.url, secret="typed"))
    assert api.asked[0][1] == "Bearer typed"


def test_another_path_of_the_same_host_gets_the_stored_secret(
    supervisor_client: Client, orders: DataSource, api: Api
) -> None:
    ask(supervisor_client, orders, form(api.url + "/other"))
    assert api.asked == [("/other", f"Bearer {SECRET}")]


def test_another_host_never_gets_the_stored_secret(
    supervisor_client: Client, orders: DataSource, elsewhere: Api
) -> None:
    page = ask(supervisor_client, orders, form(elsewhere.url + "/c"))
    assert "another host" in page
    assert elsewhere.asked == []


def test_saving_another_host_needs_the_secret_again(
    supervisor_client: Client, orders: DataSource, elsewhere: Api
) -> None:
    before = orders.url
    assert "another host" in supervisor_client.post(change(orders), form(elsewhere.url + "/c")).content.decode()
    orders.refresh_from_db()
    assert orders.url == before
    assert supervisor_client.post(change(orders), form(elsewhere.url + "/c", secret="new")).status_code == 302


def test_switching_identification_off_drops_the_secret(
    supervisor_client: Client, orders: DataSource, elsewhere: Api
) -> None:
    # Otherwise two saves would carry it elsewhere: first the host, then the way we identify ourselves.
    assert supervisor_client.post(change(orders), form(elsewhere.url + "/c", auth="none")).status_code == 302
    orders.refresh_from_db()
    assert orders.secret == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://crm.example.com/c?x={call.from}", "https://crm.example.com", id="host"),
        pytest.param("HTTPS://CRM.example.com:8443", "https://crm.example.com:8443", id="port and capitals"),
        pytest.param("https://crm.example.com@evil.example/", "", id="a user in front"),
        pytest.param("https://evil.example\\@crm.example.com/", "", id="a backslash"),
        pytest.param("https://{call.from}.example.com/", "", id="a variable as host"),
        pytest.param("//crm.example.com/", "", id="no scheme"),
    ],
)
def test_the_origin_of_an_address(url: str, expected: str) -> None:
    assert origin(url) == expected


def test_saving_keeps_the_secret_and_no_page_shows_it(supervisor_client: Client, orders: DataSource) -> None:
    supervisor_client.post(change(orders), form(orders.url, [("status", "customer.status", "text")]))
    orders.refresh_from_db()
    assert orders.secret == SECRET
    assert SECRET not in supervisor_client.get(change(orders)).content.decode()
    wrong = supervisor_client.post(change(orders), form("nonsense", secret="typed-secret")).content.decode()
    assert "typed-secret" not in wrong


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"url": "nonsense"}, "Address", id="no address"),
        pytest.param({"url": "https://crm.example.com/{call}"}, "Address", id="half a variable"),
        pytest.param({"method": "POST", "body": "{"}, "Body", id="a body that is no JSON"),
        pytest.param({"auth": "header", "auth_name": "Host"}, "User name or header name", id="a header of ours"),
        pytest.param({"budget_ms": "1"}, "Time budget", id="no time at all"),
        pytest.param({"sample:call.from": ""}, "Give a sample value for call.from", id="no sample value"),
    ],
)
def test_the_preview_names_the_field(
    supervisor_client: Client, orders: DataSource, api: Api, fields: dict[str, str], said: str
) -> None:
    assert said in ask(supervisor_client, orders, form(orders.url, secret="typed") | fields)
    assert api.asked == []


def test_a_wrong_expression_is_named_with_its_variable(supervisor_client: Client, orders: DataSource, api: Api) -> None:
    page = ask(supervisor_client, orders, form(orders.url, [("status", "customer..", "text")]))
    assert "Status: " in page
    assert "JMESPath" in page
    assert api.asked == []


@pytest.mark.parametrize(("who", "status"), [("stranger", 302), ("auditor", 403)])
def test_nobody_without_the_permission_asks_or_saves(
    request: pytest.FixtureRequest, who: str, status: int, orders: DataSource, api: Api
) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    ask(client, orders, form(orders.url), status)
    ask(client, None, form(api.url), status)
    assert client.post(change(orders), form(api.url + "/mine")).status_code == status
    assert api.asked == []
    assert DataSource.objects.get().url == orders.url


def test_the_preview_is_never_a_get(supervisor_client: Client, orders: DataSource) -> None:
    url = reverse("admin:customers_datasource_preview", args=[orders.pk])
    assert supervisor_client.get(url).status_code == 405


def test_without_javascript_the_answer_is_a_page(supervisor_client: Client, orders: DataSource) -> None:
    url = reverse("admin:customers_datasource_preview", args=[orders.pk])
    page = supervisor_client.post(url, form(orders.url)).content.decode()
    assert "<html" in page
    assert "The source answered within" in page


def test_a_source_is_marked_under_its_name(supervisor_client: Client, orders: DataSource) -> None:
    assert set(Change.objects.filter(topic="access").values_list("key", flat=True)) == {"source:orders"}
