"""How we identify ourselves to a CRM: seven ways, one line here for each.

Tokens that are granted for a time live in the database (CrmToken), where all workers find the newest one.
A refresh token may be good for one use only (RFC 6749, 6; RFC 9700, 4.14): one worker at a time asks for the
next, holding the row by a lease, so that no transaction stays open while the token server is asked, and stores
both tokens in one statement. The others wait for his.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep, time
from typing import Any
from urllib.parse import urlencode

import jwt
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contactcenter.foundation.stored_secrets import origin
from customers.crm import asking
from customers.crm.options import Option, listed
from customers.crm.pages import CrmRejected, CrmUnavailable
from customers.models import CrmToken

EARLY = timedelta(seconds=60)
"""A token is renewed so long before it ends: a question that is on its way must still find it good."""

LEASE_S = asking.TOTAL_S + 15
LOOK_AGAIN_S = 0.2
ASSERTION_S = 180
LONGEST_LIFE_S = 366 * 86_400


@dataclass(frozen=True)
class Sent:
    """The same with each question: nothing to renew."""

    name: str = ""
    value: str = ""

    def headers(self) -> Mapping[str, str]:
        return {self.name: self.value} if self.value else {}

    def renew(self) -> bool:
        return False


def bearer(token: str) -> Sent:
    """A token that stays."""
    return Sent("Authorization", f"Bearer {token}" if token else "")


def basic(name: str, password: str) -> Sent:
    """A user's name and password (RFC 7617)."""
    return Sent("Authorization", f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}")


Grant = Callable[[Mapping[str, str], str, str], Mapping[str, str]]
"""From the options, the secret and the refresh token to what the token server is asked."""


class Granted:
    """A token that a token server grants for a time (RFC 6749)."""

    def __init__(self, connection_id: int, options: Mapping[str, str], secret: str, grant: Grant) -> None:
        self.connection_id, self.options, self.secret, self.grant = connection_id, options, secret, grant
        self.refused: set[str] = set()

    def headers(self) -> Mapping[str, str]:
        self.used = self._token()
        return {"Authorization": f"Bearer {self.used}"}

    def renew(self) -> bool:
        self.refused.add(self.used)
        return True

    def _token(self) -> str:
        """A good token: the stored one, somebody else's new one, or our own new one."""
        row, _created = CrmToken.objects.get_or_create(connection_id=self.connection_id)
        give_up_at = monotonic() + LEASE_S
        while not self._is_good(row):
            if until := _leased(row):
                row.refresh_from_db()  # somebody may have renewed it between our look and our lease
                if not self._is_good(row):
                    return self._renewed(row, until)
                _release(row, until)
            elif monotonic() > give_up_at:
                raise CrmUnavailable("token_awaited")
            else:
                sleep(LOOK_AGAIN_S)
                row.refresh_from_db()
        return row.access_token

    def _is_good(self, row: CrmToken) -> bool:
        if not row.access_token or row.access_token in self.refused:
            return False
        return row.expires_at is None or row.expires_at - EARLY > timezone.now()

    def _renewed(self, row: CrmToken, until: datetime) -> str:
        """Ask for a token and store it with its successor's refresh token, all or nothing."""
        try:
            said = self._ask(row.refresh_token)
        except BaseException:
            _release(row, until)
            raise
        CrmToken.objects.filter(pk=row.pk).update(
            access_token=said["access_token"],
            refresh_token=said.get("refresh_token") or row.refresh_token,
            expires_at=_end_of(said.get("expires_in")),
            renewing_until=None,
        )
        return str(said["access_token"])

    def _ask(self, refresh_token: str) -> Mapping[str, Any]:
        form = {**self.grant(self.options, self.secret, refresh_token), "scope": self.options.get("scope", "")}
        body = urlencode({name: value for name, value in form.items() if value}).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        answer = asking.send("POST", self.options.get("token_url", ""), headers, body)
        if answer.status in (400, 401, 403):
            raise CrmRejected("grant_refused", f"HTTP {answer.status}")
        asking.check_status(answer)
        said = asking.read_json(answer.body)
        if not isinstance(said, dict) or not isinstance(said.get("access_token"), str) or not said["access_token"]:
            raise CrmRejected("grant_refused")
        return said


def _leased(row: CrmToken) -> datetime | None:
    """Until when the row is ours; None while it is somebody else's."""
    now = timezone.now()
    until = now + timedelta(seconds=LEASE_S)
    free = CrmToken.objects.filter(Q(renewing_until__isnull=True) | Q(renewing_until__lt=now), pk=row.pk)
    return until if free.update(renewing_until=until) else None


def _release(row: CrmToken, until: datetime) -> None:
    CrmToken.objects.filter(pk=row.pk, renewing_until=until).update(renewing_until=None)


def _end_of(seconds: Any) -> datetime | None:
    try:
        life = min(float(seconds), LONGEST_LIFE_S)
    except (TypeError, ValueError):
        return None
    return timezone.now() + timedelta(seconds=life)


def _client_credentials(options: Mapping[str, str], secret: str, _refresh_token: str) -> Mapping[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": options.get("client_id", ""),
        "client_secret": secret,
    }


def _refresh_token(options: Mapping[str, str], secret: str, refresh_token: str) -> Mapping[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": options.get("client_id", ""),
        "client_secret": secret,
        "refresh_token": refresh_token,
    }


def _jwt_bearer(options: Mapping[str, str], secret: str, _refresh_token: str) -> Mapping[str, str]:
    """RFC 7523, 2.1; for Salesforce the audience is its login server and the subject a user's name."""
    now = int(time())
    claims = {
        "iss": options.get("client_id", ""),
        "sub": options.get("subject") or options.get("client_id", ""),
        "aud": options.get("audience") or origin(options.get("token_url", "")),
        "iat": now,
        "exp": now + ASSERTION_S,
    }
    try:
        assertion = jwt.encode(claims, _pem(secret), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise CrmRejected("bad_key") from None  # the original may quote the key
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


_PEM = re.compile(r"\s*-----BEGIN ([A-Z ]{3,40})-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*", re.ASCII)


def _pem(secret: str) -> str:
    """The key with its lines as PEM wants them (RFC 7468): an input of one line has joined them."""
    found = _PEM.fullmatch(secret)
    if found is None:
        raise ValueError("no PEM")
    body = "".join(found[2].split())
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {found[1]}-----", *lines, f"-----END {found[1]}-----", ""])


@dataclass(frozen=True)
class Auth:
    """One way: what people call it, what it wants to know, and who makes the credentials."""

    label: str | Promise
    make: Callable[[int, Mapping[str, str], str], Any]
    options: tuple[Option, ...] = ()
    has_secret: bool = True
    has_refresh_token: bool = False

    @property
    def is_granted(self) -> bool:
        """Whether a token server gives us a token first."""
        return TOKEN_URL in self.options


USER_NAME = Option(
    "auth_name", _("user name"), _("The user that the CRM's administrator made for us."), is_required=True
)
HEADER = Option("header_name", _("header"), _("Its name, such as X-Api-Key."), is_required=True)
TOKEN_URL = Option(
    "token_url",
    _("token server"),
    _("The whole address at which tokens are granted: https://login.example.com/oauth2/token"),
    is_required=True,
)
CLIENT_ID = Option("client_id", _("client id"), _("Also called consumer key or application id."), is_required=True)
SCOPE = Option("scope", _("scope"), _("What the token is for, if the CRM's manual names one."))
REFUSED_BY = Option(
    "auth_error_statuses",
    _("a bad token is answered with"),
    _("HTTP statuses upon which a new token is asked for, once: 401, or 401, 403."),
    asking.AUTH_ERRORS,
    check=lambda text: "" if all(re.fullmatch(r"[45]\d\d", each) for each in listed(text)) else _("Such as 401, 403."),
)
SUBJECT = Option("subject", _("on behalf of"), _("The name of the CRM's user we act for."))
AUDIENCE = Option("audience", _("audience"), _("Empty: the token server's host, as Salesforce wants it."))


def _granted(grant: Grant) -> Callable[[int, Mapping[str, str], str], Granted]:
    return lambda connection_id, options, secret: Granted(connection_id, options, secret, grant)


AUTHS: dict[str, Auth] = {
    "bearer": Auth(_("a token"), lambda _id, _options, secret: bearer(secret)),
    "basic": Auth(
        _("user name and password"),
        lambda _id, options, secret: basic(options.get("auth_name", ""), secret),
        (USER_NAME,),
    ),
    "header": Auth(
        _("a header of its own"), lambda _id, options, secret: Sent(options.get("header_name", ""), secret), (HEADER,)
    ),
    "client_credentials": Auth(
        _("OAuth 2: client id and secret"), _granted(_client_credentials), (TOKEN_URL, CLIENT_ID, SCOPE, REFUSED_BY)
    ),
    "refresh_token": Auth(
        _("OAuth 2: refresh token"),
        _granted(_refresh_token),
        (TOKEN_URL, CLIENT_ID, SCOPE, REFUSED_BY),
        has_refresh_token=True,
    ),
    "jwt_bearer": Auth(
        _("OAuth 2: signed with a private key"),
        _granted(_jwt_bearer),
        (TOKEN_URL, CLIENT_ID, SUBJECT, AUDIENCE, SCOPE, REFUSED_BY),
    ),
    "none": Auth(pgettext_lazy("how we log in", "nothing"), lambda _id, _options, _secret: Sent(), has_secret=False),
}
