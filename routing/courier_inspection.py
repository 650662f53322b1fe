"""The courier reads the live file through, a little in each round: damage is found also where nobody calls from."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic

from contactcenter.foundation.logs import logger
from routing import livefile, salvage

log = logger(__name__)

AT_ONCE = 2000
"""Facts a round: about 10 ms, and a million in two minutes."""
EVERY_S = 3600.0


class Inspection:
    """How far the file has been read. By key, so that the index is read as well as the rows it leads to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._after = ""
        self._not_before = 0.0

    def go_on(self) -> None:
        """Check the next facts. After damage the next round builds the file anew; after the last fact there is rest."""
        if monotonic() < self._not_before:
            return
        present = salvage.inode(livefile.path_in(self._folder))
        try:
            with closing(livefile.open_for_reading(self._folder)) as live:
                self._after = livefile.check_facts(live, self._after, AT_ONCE)
        except sqlite3.Error as error:
            self._after = ""
            if salvage.is_damaged(error):
                log.error("live_file_damaged", detail=str(error)[:100])
                livefile.complain(self._folder, present)
            return
        if not self._after:
            self._not_before = monotonic() + EVERY_S
