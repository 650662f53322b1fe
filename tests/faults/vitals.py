"""What a process takes of the machine, from /proc: memory and open files."""

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType

LOOK_EVERY_S = 1.0


def megabytes(pid: int) -> float:
    """Memory that the process holds now."""
    return _status(pid, "VmRSS")


def peak_megabytes(pid: int) -> float:
    """The most that it has ever held."""
    return _status(pid, "VmHWM")


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def _status(pid: int, line: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{line}:")[1].split()[0]) / 1024


@dataclass(frozen=True)
class Look:
    """One process at one moment."""

    megabytes: float
    open_files: int


@dataclass
class Watch:
    """Looks at processes every second for as long as a `with` lasts."""

    processes: Mapping[str, int]
    looks: dict[str, list[Look]] = field(default_factory=dict)

    def __enter__(self) -> "Watch":
        self.looks = {name: [] for name in self.processes}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def quarter(self, name: str, which: int) -> Look:
        """The middle look of the first (0) to the last (3) quarter."""
        looks = self.looks[name]
        part = looks[which * len(looks) // 4 : (which + 1) * len(looks) // 4]
        return Look(median(look.megabytes for look in part), round(median(look.open_files for look in part)))

    def _look_on(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            for name, pid in self.processes.items():
                with suppress(OSError):  # it has ended: the test that killed it knows
                    self.looks[name].append(Look(megabytes(pid), open_files(pid)))
