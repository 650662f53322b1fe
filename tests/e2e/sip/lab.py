"""A contact centre for real calls: the real decide server behind the proxy, customers of five tiers, phone systems."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.e2e.sip import agents, kamailio
from tests.e2e.sip.agents import Caller, Calls, PhoneSystem
from tests.e2e.sip.messages import Message
from tests.e2e.sip.ways import PEOPLE, Way, document
from tests.routing import live_folder
from tests.routing.decide_server import ACCOUNT, KEY
from tests.services import free_port

DECIDE = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_decide.py"]


@dataclass
class Lab:
    """Everything between a caller and a queue. `numbers`: "main" leads to the phone system that is well."""

    folder: Path
    systems: list[PhoneSystem]
    numbers: dict[str, str]
    decide_port: int = field(default_factory=free_port)
    proxy_port: int = 0
    decide: subprocess.Popen[bytes] | None = None

    @property
    def main(self) -> PhoneSystem:
        """The phone system that is well."""
        return self.systems[0]

    @property
    def settings(self) -> dict[str, str]:
        """What the proxy is told of this contact centre."""
        return {
            "DECIDE_URL": f"http://127.0.0.1:{self.decide_port}/api/v1/decisions",
            "DECIDE_KEY": KEY,
            "DEFAULT_QUEUE_URI": f"sip:reception@{self.main.host}",
        }

    def call(self, callers: list[Caller], **how: Any) -> "Landings":
        """Let them call until all have hung up; where they landed."""
        with agents.calling(self.folder, self.proxy_port, callers, **how) as calls:
            calls.end()
        return self.landings(calls)

    def ask(self, **question: str) -> dict[str, Any]:
        """The decide server's own answer, without the proxy."""
        headers = {"Authorization": f"Bearer {KEY}"}
        request = urllib.request.Request(self.settings["DECIDE_URL"], json.dumps(question).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def landings(self, calls: Calls) -> "Landings":
        """What the phone systems have seen of these calls."""
        return Landings(
            {each.name: each.received("INVITE", calls) for each in self.systems},
            {each.name: each.received("BYE", calls) for each in self.systems},
        )

    def start_decide(self) -> None:
        """The decide server as it is deployed, ready."""
        with (self.folder / "decide.log").open("ab") as log:
            environment = os.environ | {"LIVE_DIR": str(self.folder / "live"), "DECIDE_PORT": str(self.decide_port)}
            self.decide = subprocess.Popen(
                DECIDE, cwd=agents.ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        agents.wait_until(self.decide_is_up)

    def decide_is_up(self) -> bool:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.decide_port}/readyz", timeout=2) as page,
        ):
            return bool(page.status == 200)
        return False

    @contextmanager
    def frozen_decide(self) -> Iterator[None]:
        """Its port still takes connections, and nothing comes back."""
        assert self.decide is not None
        os.killpg(self.decide.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.decide.pid, signal.SIGCONT)

    def kill_decide(self) -> None:
        """With all of its workers, at once."""
        if self.decide is not None:
            os.killpg(self.decide.pid, signal.SIGKILL)
            self.decide.wait()
            self.decide = None


@dataclass(frozen=True)
class Landings:
    """INVITE and BYE of some calls by phone system and call id."""

    invites: dict[str, dict[str, Message]]
    byes: dict[str, dict[str, Message]]

    def at(self, system: str = "main") -> list[Message]:
        """The INVITEs that a phone system got, one a call."""
        return list(self.invites[system].values())

    def queues(self, system: str = "main") -> list[tuple[str, str]]:
        """(caller, queue) of each call there."""
        return sorted((each.caller, each.called) for each in self.at(system))

    def hung_up(self, system: str = "main") -> int:
        """How many calls ended there by a BYE of the caller."""
        return len(self.byes[system].keys() & self.invites[system].keys())


@contextmanager
def lab(
    folder: Path,
    others: Sequence[PhoneSystem] = (),
    ways: Callable[[PhoneSystem], dict[str, Way]] = lambda main: {},
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Lab]:
    """A running contact centre: a number for each of `ways`, and "main", whose queues are all well."""
    with ExitStack() as stack:
        main = stack.enter_context(agents.phone_system("main", folder, "queue.xml", RINGS_MS="0"))
        leads = {"main": Way((main.host,))} | ways(main)
        numbers = {name: f"+3902555000{place:02}" for place, name in enumerate(leads)}
        made = Lab(folder, [main, *others], numbers)
        live_folder.build(
            folder / "live",
            document(main.host, leads, numbers),
            access=live_folder.account(ACCOUNT, "sip_proxy", keys=[live_folder.api_key(KEY)]),
            facts={
                f"phone:{phone}": live_folder.person(place, tier=tier)
                for place, (phone, tier) in enumerate(PEOPLE.items())
            },
        )
        stack.callback(made.kill_decide)
        made.start_decide()
        made.proxy_port = stack.enter_context(kamailio.proxy(folder, made.settings | dict(settings)))
        yield made
