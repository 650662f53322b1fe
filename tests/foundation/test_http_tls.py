"""Outgoing requests inside TLS: the name is verified, the address pinned, the deadline holds."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contactcenter.foundation import http
from contactcenter.foundation.http import FetchError, Rejected
from contactcenter.foundation.http_connections import tls_context
from tests.customers.source_standin import Standin, running_standin
from tests.foundation.test_http import GRACE_S, get, resolving

NAME = "crm.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME with its key, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[Standin]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running_standin(context) as standin:
        context.sni_callback = lambda _socket, name, _context: standin.server_names.append(name)
        yield standin


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the client trust the certificate, and everything else stay as it is."""
    context = tls_context.__wrapped__()
    context.load_verify_locations(certificate)
    monkeypatch.setattr(http, "tls_context", lambda: context)


@pytest.mark.usefixtures("trusted")
def test_the_name_is_sent_and_verified_while_the_address_is_pinned(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    assert get(f"https://{NAME}:{server.port}/json").status == 200
    assert server.server_names == [NAME]
    assert server.journal[0].headers["host"] == f"{NAME}:{server.port}"


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_name_is_rejected(server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(Rejected, match="certificate"):
        get(f"https://other.example.com:{server.port}/json")
    assert server.journal == []


def test_a_certificate_of_nobody_we_trust_is_rejected(
    server: Standin, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(Rejected, match="certificate"):
        get(f"https://{NAME}:{server.port}/json")
    assert server.journal == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("path", ["/hang", "/drip", "/drip-chunks", "/slow-headers"])
def test_the_deadline_holds_inside_tls(path: str, server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    started = monotonic()
    with pytest.raises(FetchError, match="deadline"):
        get(f"https://{NAME}:{server.port}{path}", deadline_s=0.5)
    assert monotonic() - started < GRACE_S
    assert len(server.journal) == 1


def test_a_handshake_that_never_comes_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = monotonic()
        with pytest.raises(FetchError, match="deadline"):
            get(f"https://{NAME}:{silent.getsockname()[1]}/", deadline_s=0.4)
    assert monotonic() - started < GRACE_S
