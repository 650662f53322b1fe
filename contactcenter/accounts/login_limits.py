"""How many wrong passwords and codes are let pass, whichever process they reach.

Counted in the database like the portal's API, because without Redis each process has a cache of its own. An
attempt counts before it is judged, so that many at once do not slip through; a right one is taken back.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.crypto import salted_hmac

from contactcenter.foundation.limits import counted
from contactcenter.foundation.models import RequestCount

MINUTE_S, HOUR_S = 60, 3600
OF_ONE_LOGIN = 10
"""Wrong passwords in one minute for one user name or e-mail address."""
OF_ONE_ADDRESS = 30
"""Wrong passwords in one minute from one network address, which a whole office may share."""
OF_ONE_CODE = 10
"""Wrong codes in one hour of one person, whose password is known to whoever asks."""


@dataclass(frozen=True)
class Attempt:
    """One attempt that was counted."""

    names: tuple[str, ...]
    window: int

    def was_right(self) -> None:
        """It does not count after all."""
        RequestCount.objects.filter(who__in=self.names, minute=self.window).update(requests=F("requests") - 1)


def password(login: str, address: str, now: datetime) -> Attempt | None:
    """Count one attempt to log in as `login` from `address`; None when there were too many within this minute."""
    most = {_name("password", "login", login.lower()): OF_ONE_LOGIN, _name("password", "from", address): OF_ONE_ADDRESS}
    return _attempt("password", most, now, MINUTE_S)


def code(person: int, now: datetime) -> Attempt | None:
    """Count one code of this person's second factor; None when there were too many within this hour."""
    return _attempt("code", {_name("code", "person", str(person)): OF_ONE_CODE}, now, HOUR_S)


def _attempt(kind: str, most: dict[str, int], now: datetime, window_s: int) -> Attempt | None:
    window = int(now.timestamp()) // window_s
    # The one before this stays: another host's clock may be behind.
    RequestCount.objects.filter(who__startswith=f"{kind}:", minute__lt=window - 1).delete()
    if all(counted(name, limit, now, window_s) for name, limit in most.items()):
        return Attempt(tuple(most), window)
    return None


def _name(kind: str, of: str, value: str) -> str:
    """Hashed: people type passwords where the name belongs."""
    return f"{kind}:{salted_hmac(of, value).hexdigest()}"
