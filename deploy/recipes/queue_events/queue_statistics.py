"""Tells the portal how queues are doing: `PUT /api/v1/queues/<short name>/stats`, every few seconds.

Asks Asterisk's manager interface (QueueStatus), or FreeSWITCH's event socket (mod_callcenter), whichever has its
secret set. Needs Python 3.11, requests and reporter.py beside it. Set PORTAL (https://portal.example.net), KEY (an
API key that may report) and QUEUES (`8001=vip,8002=priority`: their name, our short name; no other is reported),
and AMI_USER with AMI_SECRET or ESL_PASSWORD; where they differ AMI_HOST, AMI_PORT, ESL_HOST, ESL_PORT, EVERY_S.
For Asterisk the manager user needs `read = agent`. Not run in CI against a phone system.
"""

import logging
import os
import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from reporter import queue_names

log = logging.getLogger("queue_statistics")

GONE = {"4", "5"}
"""Asterisk's device states "invalid" and "unavailable": such a member cannot be rung."""

WAITS = {"Waiting", "Trying"}
TIMEOUT_S = 5.0

Numbers = dict[str, int]
Row = Mapping[str, str]


def of_asterisk(messages: Iterable[Row]) -> dict[str, Numbers]:
    """Per queue, from the answer to QueueStatus. Paused agents are logged in, but not idle."""
    found: dict[str, Numbers] = {}
    for each in messages:
        numbers = found.setdefault(each["Queue"], _nothing()) if "Queue" in each else _nothing()
        match each.get("Event"):
            case "QueueParams":
                numbers["waiting"] = int(each["Calls"])
                if int(each.get("TalkTime", "0")):
                    numbers["aht_s"] = int(each["TalkTime"])
            case "QueueEntry":
                numbers["longest_wait_s"] = max(numbers["longest_wait_s"], int(each["Wait"]))
            case "QueueMember" if each["Status"] not in GONE:
                numbers["agents_logged_in"] += 1
                numbers["agents_idle"] += each["Status"] == "1" and each.get("Paused", "0") == "0"
    return found


def of_freeswitch(members: str, agents: str, now: float) -> Numbers:
    """One queue, from `callcenter_config queue list members` and `… queue list agents`."""
    numbers = _nothing()
    waiting = [row for row in table(members) if row["state"] in WAITS]
    numbers["waiting"] = len(waiting)
    if waiting:
        numbers["longest_wait_s"] = max(0, int(now) - min(int(row["joined_epoch"]) for row in waiting))
    there = [row for row in table(agents) if row["status"] != "Logged Out"]
    numbers["agents_logged_in"] = len(there)
    numbers["agents_idle"] = sum(row["status"].startswith("Available") and row["state"] == "Waiting" for row in there)
    calls, talked = [sum(int(row.get(name) or 0) for row in there) for name in ("calls_answered", "talk_time")]
    return numbers | ({"aht_s": talked // calls} if calls and talked else {})


def table(text: str) -> list[Row]:
    """Rows by the names in the first line, as mod_callcenter prints them; its last line says +OK."""
    lines = [line for line in text.splitlines() if "|" in line]
    return [dict(zip(lines[0].split("|"), line.split("|"), strict=False)) for line in lines[1:]]


def _nothing() -> Numbers:
    return defaultdict(int, {"waiting": 0, "longest_wait_s": 0, "agents_logged_in": 0, "agents_idle": 0})


def ask_asterisk(names: Mapping[str, str]) -> dict[str, Numbers]:
    """What Asterisk says of all queues now, by our short names. Raises OSError."""
    login = f"Action: Login\r\nUsername: {os.environ['AMI_USER']}\r\nSecret: {os.environ['AMI_SECRET']}\r\n"
    with _connected("AMI", "5038") as connection:
        connection.sendall(f"{login}Events: off\r\n\r\nAction: QueueStatus\r\n\r\n".encode())
        text = _read(connection, "Event: QueueStatusComplete")
    messages = [
        dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line) for block in text.split("\r\n\r\n")
    ]
    return {names[queue]: numbers for queue, numbers in of_asterisk(messages).items() if queue in names}


def ask_freeswitch(names: Mapping[str, str]) -> dict[str, Numbers]:
    """What mod_callcenter says of our queues now, by our short names. Raises OSError."""
    found = {}
    with _connected("ESL", "8021") as connection:
        _read(connection, "auth/request")
        _say(connection, f"auth {os.environ['ESL_PASSWORD']}")
        for theirs, ours in names.items():
            queue = theirs if "@" in theirs else f"{theirs}@default"
            members = _say(connection, f"api callcenter_config queue list members {queue}")
            agents = _say(connection, f"api callcenter_config queue list agents {queue}")
            found[ours] = of_freeswitch(members, agents, time.time())
    return found


def _connected(system: str, port: str) -> socket.socket:
    place = (os.getenv(f"{system}_HOST", "127.0.0.1"), int(os.getenv(f"{system}_PORT", port)))
    return socket.create_connection(place, timeout=TIMEOUT_S)


def _read(connection: socket.socket, until: str) -> str:
    """Everything up to the end of the message in which `until` stands."""
    text = ""
    while until not in text or not text.endswith(("\r\n\r\n", "\n\n")):
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("it closed the connection")
        text += piece.decode("utf-8", "replace")
    return text


def _say(connection: socket.socket, command: str) -> str:
    """The body of the answer to one command of the event socket."""
    connection.sendall(f"{command}\n\n".encode())
    head, _end, body = _read(connection, "Content-Type").partition("\n\n")
    length = next((int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length")), 0)
    while len(body.encode()) < length:
        body += connection.recv(65_536).decode("utf-8", "replace")
    return body


def report(queue: str, numbers: Numbers) -> None:
    """One PUT. Nothing is kept for later: what was true some seconds ago helps nobody."""
    body: dict[str, Any] = {"as_of": datetime.now(UTC).isoformat(), **numbers}
    url = f"{os.environ['PORTAL'].rstrip('/')}/api/v1/queues/{queue}/stats"
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    answer = requests.put(url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    if answer.status_code != 200:
        log.warning("the statistics of %s were refused with status %d", queue, answer.status_code)


def main() -> None:
    """Ask and report, again and again, for as long as the process lives."""
    names = queue_names(os.environ["QUEUES"])
    ask = ask_asterisk if "AMI_SECRET" in os.environ else ask_freeswitch
    while True:
        try:
            for queue, numbers in ask(names).items():
                report(queue, numbers)
        except (OSError, requests.RequestException) as error:
            log.warning("no statistics this time: %s", type(error).__name__)
        time.sleep(float(os.getenv("EVERY_S", "5")))


if __name__ == "__main__":
    main()
