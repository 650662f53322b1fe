"""What is answered when no decide server is left: a release without its flows, as files that any web host can serve.

Each number goes to its default queue, everything else to the emergency queue: without customers, opening
hours and switches, which need a server.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from queues.selection import Queue
from routing import answers
from routing.answers import Answer, Dial
from routing.api import formats
from routing.branches import Target
from routing.providers import twiml
from routing.release import Number, Release

NO_SERVER = "no_server"
_TWIML = "text/xml; charset=utf-8"


class NoFallback(Exception):
    """There is nothing that everybody could be sent to."""


@dataclass(frozen=True)
class Fallback:
    """The answer for everybody, and those for numbers by `<channel>:<address>`."""

    everybody: Answer
    numbers: Mapping[str, Answer]


def fallback(release: Release, emergency_target: str = "") -> Fallback:
    """What `release` says without a server. Raises NoFallback when it knows nothing that can be dialled."""
    everybody = _answer(_queues(release, [release.emergency_queue]), release, "voice")
    if everybody is None:
        everybody = _to_target(emergency_target)
    numbers = {key: _of_number(number, release) for key, number in release.numbers.items()}
    return Fallback(everybody, {key: answer for key, answer in numbers.items() if answer is not None})


def files(found: Fallback) -> dict[str, bytes]:
    """Every file by its name: per dialect one for everybody, one map by number, one finished HTTP answer."""
    native, lines, flat = [formats.render(found.everybody, shape)[0] for shape in (formats.JSON, "kv", "flat")]
    spoken = _twiml(found.everybody)
    calls = {key: answer for key, answer in found.numbers.items() if key.startswith("voice:")}
    return {
        "fallback.json": native,
        "fallback.flat.json": flat,
        "fallback.txt": lines,
        "fallback.twiml.xml": spoken,
        "numbers.json.map": _map(
            (key, formats.render(answer, formats.JSON)[0]) for key, answer in found.numbers.items()
        ),
        "numbers.twiml.map": _map((key.partition(":")[2], _twiml(answer)) for key, answer in calls.items()),
        "fallback.json.http": _http(native, "application/json"),
        "fallback.twiml.http": _http(spoken, _TWIML),
    }


def write(found: Fallback, folder: Path) -> None:
    """Put the files into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files(found).items():
        draft = folder / f"{name}.part"
        draft.write_bytes(content)
        os.replace(draft, folder / name)


def _of_number(number: Number, release: Release) -> Answer | None:
    channel = number.key.partition(":")[0]
    return _answer(_queues(release, [number.default_queue, release.emergency_queue]), release, channel)


def _queues(release: Release, slugs: Iterable[str | None]) -> list[Queue]:
    """The queues of these short names, each once, in order."""
    return [release.queues[slug] for slug in dict.fromkeys(slugs) if slug is not None]


def _answer(queues: list[Queue], release: Release, channel: str) -> Answer | None:
    """The native answer that tries these queues in order; None when none of them can be reached."""
    reachable = [queue for queue in queues if queue.serves(channel)]
    dials = [_dial(queue, release, channel) for queue in reachable]
    dials = [each for each in dials if each.uris or each.kind != "sip"]
    if not dials:
        return None
    first, queue = dials[0], release.queues[dials[0].queue]
    answer: Answer = {"release": release.number, "action": "transfer", "queue": first.queue}
    answer |= answers.address_keys(first)
    if len(dials) > 1 and dials[1].uris:
        answer["overflow_uri"] = dials[1].uris[0]
    answer |= {"priority": _priority(queue, release), "answer_timeout_ms": first.timeout_s * 1000} | _reason()
    if first.headers:
        answer |= {"headers": dict(first.headers), "sip_headers": first.sip_headers}
    return answer | _routes(dials)


def _dial(queue: Queue, release: Release, channel: str) -> Dial:
    headers = {"X-Queue": queue.slug, "X-Priority": str(_priority(queue, release))}
    return answers.dial(queue, release, channel, headers)


def _priority(queue: Queue, release: Release) -> int:
    return answers.priority_in(queue, answers.rank_of(queue, Target(queue.slug)), release)


def _to_target(target: str) -> Answer:
    if not target:
        raise NoFallback("The release has no emergency queue that can be called, and EMERGENCY_TARGET is empty.")
    if not target.startswith(("sip:", "sips:")):
        return {"action": "transfer", "phone": target} | _reason()
    dial = Dial("", "sip", target, (target,))
    return {"action": "transfer", "sip_uri": target} | _reason() | _routes([dial])


def _reason() -> Answer:
    return {"fallback": True, "reason": NO_SERVER, "degraded": [NO_SERVER], "warnings": []}


def _routes(dials: list[Dial]) -> Answer:
    rows = answers.routes(dials)
    return {"version": "1.0", "routing": "serial", "routes": rows} if rows else {}


def _twiml(answer: Answer) -> bytes:
    """No after address: it would need a server."""
    return twiml.render(answer, next_url="").body


def _map(rows: Iterable[tuple[str, bytes]]) -> bytes:
    """One line a number, as HAProxy reads a map: key, space, everything else."""
    return b"".join(key.encode() + b" " + b" ".join(value.splitlines()) + b"\n" for key, value in rows)


def _http(body: bytes, content_type: str) -> bytes:
    """A whole HTTP answer, as HAProxy gives it in place of an error of its own."""
    lines = [
        "HTTP/1.1 200 OK",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
