"""Moving down takes time: only who has been below for so many days in a row does. Pure."""

from datetime import datetime, timedelta


def may_move(old_rank: int, new_rank: int, below_since: datetime, now: datetime, days: int) -> bool:
    """Whether a customer moves now. Up is at once; down when he has been below since `below_since` for `days`."""
    return new_rank >= old_rank or now - below_since >= timedelta(days=days)
