"""Many callers at once in one process: as fast as they are answered, or at a rate whether they are or not."""

import asyncio
import json
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tests.routing import live_folder
from tests.routing.decide_server import GOLD, KEY

ANSWER_WITHIN_S = 30.0


@dataclass(frozen=True)
class Answer:
    """What a caller heard, and how long it took."""

    status: int
    body: dict[str, object]
    seconds: float

    @property
    def dialable(self) -> bool:
        return self.status == 200 and str(self.body.get("sip_uri", "")).startswith("sip:")

    @property
    def shed(self) -> bool:
        return self.body.get("reason") == "no_server"


def run(asking: Coroutine[Any, Any, list[Answer]]) -> list[Answer]:
    """Wait for all answers, in a thread of its own: a browser test leaves its event loop in ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


async def ask(port: int, call_id: str) -> Answer:
    """One question on a connection of its own."""
    body = json.dumps({"call_id": call_id, "to": live_folder.VOICE_NUMBER, "from": GOLD})
    head = f"POST /api/v1/decisions HTTP/1.1\r\nHost: calls\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with closing(writer):
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                said, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    except OSError:
        return Answer(0, {}, time.monotonic() - began)
    status = int(said.split()[1]) if said else 0
    return Answer(status, json.loads(answer) if status == 200 else {}, time.monotonic() - began)


async def as_fast_as_they_are_answered(port: int, clients: int, seconds: float) -> list[Answer]:
    """A fixed number of clients, each asking when it has been answered: what the hosts can do."""
    ends = time.monotonic() + seconds

    async def client(place: int) -> list[Answer]:
        found: list[Answer] = []
        while time.monotonic() < ends:
            found.append(await ask(port, f"measured-{place}-{len(found)}"))
        return found

    return [answer for each in await asyncio.gather(*map(client, range(clients))) for answer in each]


async def at_a_rate(port: int, each_second: float, seconds: float, prefix: str) -> list[Answer]:
    """Calls that come whether or not the earlier ones have been answered."""
    began, asking = time.monotonic(), []
    for number in range(int(each_second * seconds)):
        await asyncio.sleep(began + number / each_second - time.monotonic())
        asking.append(asyncio.create_task(ask(port, f"{prefix}-{number}")))
    return await asyncio.gather(*asking)
