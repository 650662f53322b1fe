"""How often one key or person may ask the portal's API within a minute, whichever process is asked.

The count is one row in the database, counted up by one statement, so it is exact across processes and hosts
and needs no Redis. Decide servers have no such limit: a provider that signs correctly is never sent away.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from contactcenter.foundation.problems import problem

WINDOW_S = 60

# One row for each, begun anew with each minute: nothing is left to prune. A host whose clock is behind
# counts into the minute that has begun elsewhere. PostgreSQL and SQLite both understand it.
_COUNT = """
    INSERT INTO foundation_requestcount AS counted (who, minute, requests) VALUES (%s, %s, 1)
    ON CONFLICT (who) DO UPDATE SET
        requests = CASE WHEN counted.minute < excluded.minute THEN 1 ELSE counted.requests + 1 END,
        minute = CASE WHEN counted.minute < excluded.minute THEN excluded.minute ELSE counted.minute END
    WHERE counted.minute < excluded.minute OR counted.requests < %s
    RETURNING requests"""


def refusal(who: str) -> HttpResponse | None:
    """Count one request of `who`, such as `key:7`; None, or the answer 429 once too many came this minute."""
    now = timezone.now()
    most: int = settings.PORTAL_REQUESTS_PER_MINUTE
    if most == 0 or counted(who, most, now):
        return None
    refused = problem(429, "too_many_requests", "Too many requests within one minute.")
    refused["Retry-After"] = str(WINDOW_S - int(now.timestamp()) % WINDOW_S)
    return refused


def counted(who: str, most: int, now: datetime, window_s: int = WINDOW_S) -> bool:
    """Count one request of `who`; False, and nothing is counted, when `most` have come in this window already."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [who, int(now.timestamp()) // window_s, most])
        return cursor.fetchone() is not None
