"""baresip as a soft phone without ears: it plays a tone, and is steered by its JSON socket."""

import json
import math
import socket
import struct
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.sip import agents
from tests.services import find_program, free_port

MODULES = ("/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules")
HAPPENS_WITHIN_S = 15.0


@dataclass
class SoftPhone:
    """A running phone; `events` are their types in the order in which they came."""

    control: socket.socket
    events: list[str] = field(default_factory=list)
    _unread: bytes = b""

    def dial(self, number: str, proxy: int) -> None:
        self._say("dial", f"sip:{number}@{agents.LOOPBACK}:{proxy}")

    def hang_up(self) -> None:
        self._say("hangup")

    def wait_for(self, event: str) -> None:
        """Until the phone has reported it."""
        ends = time.monotonic() + HAPPENS_WITHIN_S
        while event not in self.events:
            assert time.monotonic() < ends, self.events
            with suppress(TimeoutError):
                self._unread += self.control.recv(65_536)
            self._take()

    def _say(self, command: str, parameters: str = "") -> None:
        text = json.dumps({"command": command, "params": parameters}).encode()
        self.control.sendall(b"%d:%s," % (len(text), text))

    def _take(self) -> None:
        """Netstrings: a length, a colon, so many bytes, a comma."""
        while b":" in self._unread:
            length, _, rest = self._unread.partition(b":")
            if len(rest) <= int(length):
                return
            said = json.loads(rest[: int(length)])
            self._unread = rest[int(length) + 1 :]
            if said.get("event"):
                self.events.append(said["type"])


@contextmanager
def soft_phone(folder: Path, number: str) -> Iterator[SoftPhone]:
    """A phone with this number of its own; it registers nowhere."""
    home = folder / "softphone"
    home.mkdir()
    control = free_port()
    _tone(home / "tone.wav")
    place = f"{agents.LOOPBACK}:{free_port()}"
    (home / "accounts").write_text(f"<sip:{number}@{place}>;regint=0;audio_codecs=PCMU\n", encoding="utf-8")
    lines = [
        f"sip_listen {place}",
        f"net_interface {agents.LOOPBACK}",
        f"audio_source aufile,{home}/tone.wav",
        "audio_player aubridge,quiet",
        "audio_alert aubridge,quiet",
        "ausrc_srate 8000",
        "auplay_srate 8000",
        f"module_path {next(each for each in MODULES if Path(each).is_dir())}",
        *(f"module {name}.so" for name in ("g711", "aufile", "aubridge")),
        *(f"module_app {name}.so" for name in ("account", "menu", "ctrl_tcp")),
        f"ctrl_tcp_listen {agents.LOOPBACK}:{control}",
    ]
    (home / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with agents.running([find_program("baresip") or "baresip", "-f", str(home)], home / "said"):
        agents.wait_until(lambda: not agents.is_free(control, socket.SOCK_STREAM))
        with socket.create_connection((agents.LOOPBACK, control), timeout=0.2) as connection:
            yield SoftPhone(connection)


def _tone(path: Path) -> None:
    """Two seconds of 440 Hz in the sampling rate of G.711."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(8000 * math.sin(math.tau * 440 * moment / 8000)) for moment in range(16_000))
        file.writeframes(b"".join(struct.pack("<h", each) for each in samples))
