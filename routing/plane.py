"""The decide plane of this process, built from settings once, after the fork."""

import socket
import threading
from datetime import timedelta

from django.conf import settings

from contactcenter.foundation.clock import SystemClock
from routing.decide import Plane
from routing.live import Live
from routing.spool import Spool

FLUSH_WITHIN_S = 4.0
"""Shorter than whoever ends the process waits before he kills it."""

_lock = threading.Lock()
_plane: Plane | None = None


def plane() -> Plane:
    """The plane, started when it is first asked for."""
    global _plane
    if _plane is None:
        with _lock:
            if _plane is None:
                _plane = _start()
    return _plane


def end() -> None:
    """Before the process ends in order: what waits in memory is written, if the disk takes it in time."""
    if _plane is not None:
        _plane.live.stop()
        _plane.spool.flush(FLUSH_WITHIN_S)


def _start() -> Plane:
    live = Live(settings.LIVE_DIR, timedelta(seconds=settings.STATISTICS_STALE_AFTER_S))
    live.start()
    spool = Spool(settings.LIVE_DIR, settings.SPOOL_SYNC)
    spool.open()
    return Plane(
        live=live,
        spool=spool,
        clock=SystemClock(),
        id_key=settings.DECISION_ID_KEY.encode(),
        emergency_target=settings.EMERGENCY_TARGET,
        host=socket.gethostname(),
    )
