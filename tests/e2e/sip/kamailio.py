"""Kamailio with the configuration that is shipped."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.sip.agents import LOOPBACK, ROOT, running, wait_until
from tests.services import find_program, free_port

CONFIGURATION = ROOT / "deploy" / "kamailio" / "kamailio.cfg"


@contextmanager
def proxy(
    folder: Path, environment: Mapping[str, str], *, answers: int = 200, configuration: Path = CONFIGURATION
) -> Iterator[int]:
    """A proxy; gives its port once it answers OPTIONS so."""
    port = free_port()
    here = folder / f"proxy-{port}"
    here.mkdir()
    program = find_program("kamailio") or "kamailio"
    command = [program, "-f", str(configuration), "-DD", "-E", "-m", "32", "-M", "4", "-Y", str(here)]
    settings = {"SIP_ADDRESS": f"{LOOPBACK}:{port}", "SIP_WORKERS": "2"} | dict(environment)
    with running(command, here / "log", **settings) as process:
        wait_until(lambda: options(port) == answers or process.poll() is not None)
        assert process.poll() is None, (here / "log").read_text()
        yield port


def statistic(folder: Path, proxy_port: int, name: str) -> int:
    """A counter of our configuration, as an operator reads it."""
    socket_path = folder / f"proxy-{proxy_port}" / "kamailio_ctl"
    command = [find_program("kamcmd") or "kamcmd", "-s", f"unixs:{socket_path}", "stats.get_statistics", f"{name}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout
    return int(said.rpartition("=")[2])


def invited(port: int, number: str) -> int:
    """The final status of a call to `number`, which is not taken up: nobody needs to answer it."""
    with socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.settimeout(10)
        phone.connect((LOOPBACK, port))
        here, identifier = f"{LOOPBACK}:{phone.getsockname()[1]}", time.monotonic_ns()
        to = f"sip:{number}@{LOOPBACK}:{port}"
        branch = f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{identifier}"
        common = [branch, f"From: <sip:caller@{here}>;tag=1", f"Call-ID: {identifier}@{here}", "Max-Forwards: 70"]
        invite = [f"INVITE {to} SIP/2.0", *common, f"To: <{to}>", "CSeq: 1 INVITE", f"Contact: <sip:caller@{here}>"]
        phone.send("\r\n".join([*invite, "Content-Length: 0", "", ""]).encode())
        while (status := int((reply := phone.recv(65_536)).split()[1])) < 200:
            pass
        answered = next(line for line in reply.decode().split("\r\n") if line.lower().startswith("to:"))
        phone.send("\r\n".join([f"ACK {to} SIP/2.0", *common, answered, "CSeq: 1 ACK", "", ""]).encode())
        return status


def options(port: int, timeout: float = 0.3) -> int:
    """The status of the answer to a keep-alive; 0 without one."""
    with socket.socket(type=socket.SOCK_DGRAM) as mouth:
        mouth.settimeout(timeout)
        mouth.connect((LOOPBACK, port))
        here = f"{LOOPBACK}:{mouth.getsockname()[1]}"
        lines = (
            f"OPTIONS sip:{LOOPBACK}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{time.monotonic_ns()}",
            "Max-Forwards: 70",
            f"From: <sip:probe@{here}>;tag=1",
            f"To: <sip:{LOOPBACK}:{port}>",
            f"Call-ID: {time.monotonic_ns()}@{here}",
            "CSeq: 1 OPTIONS",
            "Content-Length: 0",
        )
        try:
            mouth.send("\r\n".join((*lines, "", "")).encode())
            return int(mouth.recv(4096).split()[1])
        except OSError:
            return 0
