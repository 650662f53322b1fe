"""What the portal's addresses for machines have in common: a key instead of a login, and problems instead of pages."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.exceptions import MethodNotAllowed, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.views import APIView

from contactcenter.foundation.clients import client_address
from contactcenter.foundation.problems import problem
from routing import access, broadcast
from routing.keys import fingerprint
from routing.models import ApiKey


class KeyedView(APIView):
    """Takes JSON. Who asks is known by an API key, which the view reads itself."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)

    def handle_exception(self, exc: Exception) -> Any:
        """A body that is not JSON, or a wrong method, as a problem."""
        if isinstance(exc, ParseError):
            return problem(400, "invalid_json", "The body is not JSON.")
        if isinstance(exc, MethodNotAllowed):
            taken = ", ".join(method for method in self.allowed_methods if method != "OPTIONS")
            return problem(405, "method_not_allowed", f"This address takes {taken}.")
        return super().handle_exception(exc)


def key_that(http: HttpRequest, **scope: bool) -> ApiKey | None:
    """The key that the request bears, if it has this scope (`may_report=True`), from here, now."""
    scheme, _, bearer = http.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    alive = Q(revoked_at__isnull=True, **scope)
    key = ApiKey.objects.filter(alive, sha256=fingerprint(bearer.strip())).select_related("account").first()
    if scheme.lower() != "bearer" or key is None:
        return None
    # The same rules as on the decide server, by the same code.
    name = f"account:{key.account.uuid}"
    known = access.compile_access({name: broadcast.access_documents([name])[name] or {}})
    peer = client_address(
        http.META.get("REMOTE_ADDR", ""), http.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )
    return key if known.key(bearer.strip(), peer, timezone.now()) is not None else None
