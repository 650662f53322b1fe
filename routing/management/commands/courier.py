"""`manage.py courier`: keep this host's live folder up to date and ship what it decided."""

import signal
import socket
import sqlite3
import threading
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from contactcenter.foundation.commands import OperatorCommand
from contactcenter.foundation.logs import logger
from routing.courier import carry_once, try_set_aside_again
from routing.courier_inspection import Inspection

log = logger(__name__)

EVERY_S = 0.25
AFTER_TROUBLE_S = 1.0


class Command(OperatorCommand):
    help = "Carries releases, access, facts and queue state to this decide host, and its decisions back."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log.info("courier_started")
        try_set_aside_again(settings.LIVE_DIR)
        inspection = Inspection(settings.LIVE_DIR)
        while not stop.is_set():
            stop.wait(self.one_round(inspection))
        log.info("courier_stopped")

    def one_round(self, inspection: Inspection) -> float:
        """Carry once; seconds to wait before the next round (0 while there is more)."""
        try:
            close_old_connections()
            done = carry_once(settings.LIVE_DIR, socket.gethostname())
            inspection.go_on()
        except (DatabaseError, InterfaceError, sqlite3.Error, OSError) as error:
            # The database may be away for hours; decisions go on and pile up in the spool.
            log.warning("courier_round_failed", error=type(error).__name__)
            connection.close()
            return AFTER_TROUBLE_S
        return 0.0 if done.carried or done.shipped else EVERY_S
