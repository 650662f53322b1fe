"""The decide plane of this process, built from settings once, after the fork."""

import socket
import threading

from django.conf import settings

from contactcenter.foundation.clock import SystemClock
from routing.decide import Plane
from routing.live import Live
from routing.spool import Spool

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


def _start() -> Plane:
    live = Live(settings.LIVE_DIR)
    live.start()
    return Plane(
        live=live,
        spool=Spool(settings.LIVE_DIR, settings.SPOOL_SYNC),
        clock=SystemClock(),
        id_key=settings.DECISION_ID_KEY.encode(),
        emergency_target=settings.EMERGENCY_TARGET,
        host=socket.gethostname(),
    )
