"""Tokens that a CRM grants: asked for in time, renewed once when refused, rotated by one worker at a time."""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection as database
from django.utils import timezone

from customers.crm import CONNECTORS, CrmRejected, CrmUnavailable, Page
from customers.crm.configuration import config_of
from customers.models import CrmConnection, CrmToken
from tests.customers.vendor_crm import Fault, VendorCrm, serve
from tests.customers.vendor_crm.tokens import CLIENT, PATH, SECRET

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def crm() -> Iterator[VendorCrm]:
    with serve(30) as running:
        yield running


def connection(crm: VendorCrm, auth: str, **fields: Any) -> CrmConnection:
    options = {"token_url": crm.url + PATH, "client_id": CLIENT, **fields.pop("options", {})}
    given = {"name": "Sales", "slug": "sales", "connector": "hubspot", "url": crm.url, "token": SECRET}
    return CrmConnection.objects.create(**given, auth=auth, options=options, **fields)


def ask(crm_connection: CrmConnection) -> Page:
    """One page, as a worker that has just begun asks for it."""
    fresh = CrmConnection.objects.get(pk=crm_connection.pk)
    return CONNECTORS[fresh.connector].fetch_page(config_of(fresh), "", None, NOW)


def authorizations(crm: VendorCrm) -> list[str]:
    return [asked.headers.get("authorization", "") for asked in crm.asked_of("/crm")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("auth", "options", "header", "value"),
    [
        ("bearer", {}, "authorization", f"Bearer {SECRET}"),
        ("basic", {"auth_name": "robot"}, "authorization", f"Basic {b64encode(f'robot:{SECRET}'.encode()).decode()}"),
        ("header", {"header_name": "X-Api-Key"}, "x-api-key", SECRET),
        ("none", {}, "authorization", None),
    ],
)
def test_what_we_send(crm: VendorCrm, auth: str, options: dict[str, str], header: str, value: str | None) -> None:
    ask(connection(crm, auth, options=options))
    assert crm.journal[0].headers.get(header) == value


@pytest.mark.portable
@pytest.mark.django_db
def test_a_token_is_granted_once_and_kept(crm: VendorCrm) -> None:
    sales = connection(crm, "client_credentials")
    assert len(ask(sales).records) == 30
    ask(sales)
    assert authorizations(crm) == ["Bearer access-1", "Bearer access-1"]
    assert len(crm.asked_of(PATH)) == 1
    with database.cursor() as cursor:
        cursor.execute("SELECT access_token FROM customers_crmtoken")
        assert "access-1" not in str(cursor.fetchall()), "encrypted in the database"


@pytest.mark.django_db
def test_a_token_is_renewed_a_minute_before_it_ends(crm: VendorCrm) -> None:
    sales = connection(crm, "client_credentials")
    ask(sales)
    CrmToken.objects.update(expires_at=timezone.now() + timedelta(seconds=59))
    ask(sales)
    CrmToken.objects.update(expires_at=timezone.now() + timedelta(seconds=90))
    ask(sales)
    assert authorizations(crm) == ["Bearer access-1", "Bearer access-2", "Bearer access-2"]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "named"), [(401, ""), (403, "401, 403")])
def test_a_refused_token_is_renewed_once(crm: VendorCrm, status: int, named: str) -> None:
    sales = connection(crm, "refresh_token", options={"auth_error_statuses": named})
    CrmToken.objects.create(connection=sales, refresh_token="refresh-0", access_token="revoked")
    crm.accepted, crm.auth_error = {"something else"}, status
    assert len(ask(sales).records) == 30
    assert authorizations(crm) == ["Bearer revoked", "Bearer access-1"]


@pytest.mark.django_db
def test_a_token_that_stays_refused_is_not_asked_for_for_ever(crm: VendorCrm) -> None:
    sales = connection(crm, "client_credentials")
    crm.faults = [Fault(status=401)] * 9
    with pytest.raises(CrmRejected) as caught:
        ask(sales)
    assert caught.value.code == "token_refused"
    assert len(crm.asked_of("/crm")) == 2
    assert len(crm.asked_of(PATH)) == 2


@pytest.mark.django_db
def test_a_status_that_is_not_named_renews_nothing(crm: VendorCrm) -> None:
    sales = connection(crm, "client_credentials")
    crm.faults = [Fault(status=403)]
    with pytest.raises(CrmRejected):
        ask(sales)
    assert len(crm.asked_of(PATH)) == 1


@pytest.mark.portable
@pytest.mark.django_db
def test_each_refresh_token_is_used_once(crm: VendorCrm) -> None:
    sales = connection(crm, "refresh_token")
    CrmToken.objects.create(connection=sales, refresh_token="refresh-0")
    for _night in range(4):
        ask(sales)
        CrmToken.objects.update(expires_at=timezone.now())
    assert crm.tokens.reused == 0
    assert crm.tokens.granted == ["access-1", "access-2", "access-3", "access-4"]
    assert CrmToken.objects.get().refresh_token == crm.tokens.refresh_token


@pytest.mark.django_db(transaction=True)
def test_many_workers_rotate_a_token_once(crm: VendorCrm) -> None:
    sales = connection(crm, "refresh_token")
    CrmToken.objects.create(connection=sales, refresh_token="refresh-0")

    def work(_worker: int) -> int:
        try:
            return len(ask(sales).records)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [30] * 8
    assert (crm.tokens.reused, len(crm.tokens.granted)) == (0, 1)


@pytest.mark.django_db
def test_who_died_while_asking_is_waited_for_no_longer_than_his_lease(crm: VendorCrm) -> None:
    sales = connection(crm, "refresh_token")
    soon = timezone.now() + timedelta(seconds=1)
    CrmToken.objects.create(connection=sales, refresh_token="refresh-0", renewing_until=soon)
    ask(sales)
    assert timezone.now() >= soon
    assert CrmToken.objects.get().renewing_until is None


@pytest.mark.portable
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "error", "code"),
    [
        pytest.param("wrong", CrmRejected, "grant_refused", id="the token server says no"),
        pytest.param("", CrmRejected, "grant_refused", id="there is no refresh token"),
    ],
)
def test_a_refused_grant_says_so_and_frees_the_row(
    crm: VendorCrm, token: str, error: type[Exception], code: str
) -> None:
    sales = connection(crm, "refresh_token")
    CrmToken.objects.create(connection=sales, refresh_token=token)
    with pytest.raises(error) as caught:
        ask(sales)
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert SECRET not in str(caught.value)
    row = CrmToken.objects.get()
    assert (row.renewing_until, row.refresh_token) == (None, token)


@pytest.mark.django_db
def test_a_token_server_that_is_down_is_tried_again(crm: VendorCrm) -> None:
    sales = connection(crm, "client_credentials", options={"token_url": "http://127.0.0.1:1/token"})
    with pytest.raises(CrmUnavailable):
        ask(sales)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return written.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("joined", [False, True], ids=["as a file", "as an input of one line joins it"])
def test_a_signed_assertion_is_granted_a_token(crm: VendorCrm, key: rsa.RSAPrivateKey, joined: bool) -> None:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    crm.tokens.key = public.decode()
    secret = pem(key).replace("\n", " ") if joined else pem(key)
    sales = connection(crm, "jwt_bearer", options={"subject": "robot@example.com"})
    CrmConnection.objects.update(token=secret)
    assert len(ask(sales).records) == 30


@pytest.mark.django_db
@pytest.mark.parametrize("secret", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_private_key_is_said(crm: VendorCrm, secret: str) -> None:
    sales = connection(crm, "jwt_bearer")
    CrmConnection.objects.update(token=secret)
    with pytest.raises(CrmRejected) as caught:
        ask(sales)
    assert caught.value.code == "bad_key"
    assert "AAAA" not in str(caught.value)
