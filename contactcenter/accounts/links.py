"""Links that let one person in once: made, looked up, used up."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from contactcenter.accounts.models import AccessLink, User

GOOD_FOR = {AccessLink.Purpose.INVITATION: timedelta(days=3), AccessLink.Purpose.BREAK_GLASS: timedelta(minutes=15)}


def make(person: User, purpose: AccessLink.Purpose, *, by: User | None, now: datetime) -> str:
    """A new link's token; whichever of the same purpose this person has not used yet is no longer good."""
    end(person, now, purpose)
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        person=person,
        purpose=purpose,
        digest=_digest(token),
        made_by=by,
        made_at=now,
        expires_at=now + GOOD_FOR[purpose],
    )
    return token


def end(person: User, now: datetime, *purposes: AccessLink.Purpose) -> None:
    """Whatever this person has not used yet, of these purposes or of all, is no longer good."""
    unused = AccessLink.objects.filter(person=person, used_at=None, expires_at__gt=now)
    unused.filter(purpose__in=purposes or AccessLink.Purpose.values).update(expires_at=now)


def find(token: str, now: datetime) -> AccessLink | None:
    """The link behind `token` as long as it is good: not used, not expired, and its person may log in."""
    good = AccessLink.objects.filter(used_at=None, expires_at__gt=now, person__is_active=True)
    return good.select_related("person").filter(digest=_digest(token)).first()


def use_up(link: AccessLink, now: datetime) -> bool:
    """Whether this was the one use of the link. Of two at once, one is told no."""
    return AccessLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now) == 1


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
