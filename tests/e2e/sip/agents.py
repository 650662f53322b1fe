"""Who speaks SIP in these tests: callers and phone systems, played by SIPp."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.sip import messages
from tests.e2e.sip.messages import Message
from tests.services import find_program, free_port

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = Path(__file__).parent / "scenarios"
LOOPBACK = "127.0.0.1"
READY_WITHIN_S = 20.0
CALLS_END_WITHIN_S = 40


@dataclass(frozen=True)
class Caller:
    """Who calls which number; `header` is one header more."""

    user: str
    number: str
    header: str = "X-Nothing: else"

    @property
    def line(self) -> str:
        return f"{self.user};{self.number};{self.header}"


@dataclass
class Calls:
    """Calls that SIPp makes, one after the other."""

    process: subprocess.Popen[bytes]
    trace: Path

    def end(self) -> None:
        """Wait until all of them are over; each must have been answered, and its BYE as well."""
        said, _ = self.process.communicate()  # it gives up by itself
        words = said.decode(errors="replace")
        assert self.process.returncode == 0, words[:500] + words[-3000:]

    def has(self, message: Message) -> bool:
        """Does this message belong to one of these calls?"""
        return f"-{self.process.pid}@" in message.call_id


@dataclass
class PhoneSystem:
    """A phone system; `port` is where it listens."""

    name: str
    port: int
    trace: Path

    @property
    def host(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def received(self, method: str, calls: Calls) -> dict[str, Message]:
        """Requests of this kind by call id, each once, however often it came."""
        found = [each for each in messages.read(self.trace) if each.received and each.method == method]
        return {each.call_id: each for each in found if calls.has(each)}


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # Nothing here has anything to save, and a proxy that dies while it starts leaves its children behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def phone_system(name: str, folder: Path, scenario: str, **words: str) -> Iterator[PhoneSystem]:
    """SIPp with a scenario, in which `words` are put for what stands there in capitals."""
    text = (SCENARIOS / scenario).read_text(encoding="utf-8")
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    system = PhoneSystem(name, free_port(), folder / f"{name}.messages")
    command = [*_sipp(folder / f"{name}.xml", system.trace), "-p", str(system.port), "-rtp_echo"]
    with running(command, folder / f"{name}.log"):
        wait_until(lambda: not is_free(system.port))
        yield system


@contextmanager
def silent_phone_system(name: str, folder: Path) -> Iterator[PhoneSystem]:
    """It hears every call and says nothing."""
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind((LOOPBACK, 0))
        yield PhoneSystem(name, listener.getsockname()[1], folder / "nothing")


@contextmanager
def calling(
    folder: Path,
    proxy: int,
    callers: list[Caller],
    *,
    times: int = 1,
    rate: int = 50,
    call_id: str = "%u-%p@%s",
    within_s: int = CALLS_END_WITHIN_S,
) -> Iterator[Calls]:
    """Each of `callers` calls that many times, `rate` calls a second in all."""
    place = free_port()
    people = folder / f"callers-{place}.csv"
    people.write_text("SEQUENTIAL\n" + "".join(f"{each.line}\n" for each in callers), encoding="utf-8")
    trace = folder / f"callers-{place}.messages"
    count = len(callers) * times
    command = [*_sipp(SCENARIOS / "caller.xml", trace), "-inf", str(people), "-m", str(count), "-r", str(rate)]
    command += ["-l", str(count), "-p", str(place), "-cid_str", call_id, "-timeout", str(within_s), "-timeout_error"]
    command += ["-default_behaviors", "all,-abortunexp", f"{LOOPBACK}:{proxy}"]
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield Calls(process, trace)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    """Does nobody listen on this port, by UDP unless said otherwise?"""
    with socket.socket(type=kind) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def wait_until(happened: Callable[[], object], seconds: float = READY_WITHIN_S) -> None:
    """Poll until it has."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends, "It did not happen in time."
        time.sleep(0.02)


def _sipp(scenario: Path, trace: Path) -> list[str]:
    program = find_program("sipp") or "sipp"
    common = ["-i", LOOPBACK, "-nostdin", "-cp", str(free_port()), "-mp", str(_media_port())]
    return [program, "-sf", str(scenario), *common, "-trace_msg", "-message_file", str(trace)]


def _media_port() -> int:
    """A port that SIPp may take for sound, with the one two above it for pictures."""
    while True:
        port = free_port()
        if is_free(port + 2):
            return port
