"""The embedded broker: messages are files, taken whole by whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from shutil import rmtree
from threading import Event

import pytest
from kombu import Connection

from contactcenter import broker

pytestmark = pytest.mark.usefixtures("_afresh")

MESSAGES = 100
LONG = "x" * 200_000
"""Long enough that writing it takes a moment in which somebody else may look."""


@pytest.fixture
def _afresh() -> None:
    """kombu remembers for the whole process which queues it has declared, whatever the folder."""
    broker.Transport.global_state.clear()


def connect(folder: Path) -> Connection:
    places = {"data_folder_in": "messages", "data_folder_out": "messages", "processed_folder": "processed"}
    options = {option: str(folder / place) for option, place in places.items()}
    for place in set(options.values()):
        Path(place).mkdir(parents=True, exist_ok=True)
    options["control_folder"] = str(folder / "control")
    return Connection(transport=broker.Transport, transport_options=options)


def send(folder: Path, count: int) -> None:
    with connect(folder) as connection, connection.SimpleQueue("celery") as queue:
        for number in range(count):
            queue.put({"number": number, "long": LONG})


def look(folder: Path, stop: Event) -> tuple[int, int]:
    """Read each message as soon as it lies there: how many were looked at, and how many were not whole."""
    seen, halves = 0, 0
    while not stop.is_set():
        for path in (folder / "messages").glob("*.msg"):
            seen += 1
            halves += not path.read_bytes().endswith(b"}")
            path.unlink()
    return seen, halves


def test_a_message_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    stop = Event()
    with ThreadPoolExecutor(1) as pool, connect(tmp_path):
        reader = pool.submit(look, tmp_path, stop)
        send(tmp_path, MESSAGES)
        stop.set()
        seen, halves = reader.result(30)
    assert seen > MESSAGES / 2
    assert halves == 0


def test_a_folder_that_is_gone_is_made_again(tmp_path: Path) -> None:
    with connect(tmp_path) as connection, connection.SimpleQueue("celery") as queue:
        queue.put({"number": 1})
        assert queue.get(timeout=10).payload == {"number": 1}
        rmtree(tmp_path / "messages")
        rmtree(tmp_path / "processed")
        with pytest.raises(Empty):
            queue.get(timeout=0.5)
        rmtree(tmp_path / "messages")
        queue.put({"number": 2})
        assert queue.get(timeout=10).payload == {"number": 2}
