"""What is answered without any server, as files."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from routing import document
from routing.fallback import Fallback, NoFallback, fallback, files
from routing.models import Release
from routing.release import compile_release
from tests.routing import live_folder
from tests.routing.documents import Document, queue

EVERY_FILE = {
    "fallback.json",
    "fallback.flat.json",
    "fallback.txt",
    "fallback.twiml.xml",
    "fallback.json.http",
    "fallback.twiml.http",
    "numbers.json.map",
    "numbers.twiml.map",
}


def demo(**changes: object) -> Document:
    """The demo document whose hotline leads to the priority queue without a flow's help."""
    found = live_folder.demo_document()
    found["numbers"][f"voice:{live_folder.VOICE_NUMBER}"]["default_queue"] = "priority"
    return found | changes


def of(found: Document, emergency_target: str = "") -> Fallback:
    return fallback(compile_release(found, 7), emergency_target)


def test_a_number_goes_to_its_default_queue_and_then_to_the_emergency_queue() -> None:
    answer = of(demo()).numbers[f"voice:{live_folder.VOICE_NUMBER}"]
    assert answer["sip_uri"] == "sip:8002@pbx.example.net"
    assert answer["overflow_uri"] == "sip:8003@pbx.example.net"
    assert [route["uri"] for route in answer["routes"]] == [answer["sip_uri"], answer["overflow_uri"]]
    assert (answer["reason"], answer["fallback"], answer["release"]) == ("no_server", True, 7)


def test_a_message_goes_to_a_team() -> None:
    assert of(demo()).numbers[f"whatsapp:{live_folder.WHATSAPP_NUMBER}"]["team"] == "Standard"


def test_a_queue_without_an_address_is_passed_over() -> None:
    found = demo()
    found["queues"]["priority"] |= {"voice_address": ""}
    assert of(found).numbers[f"voice:{live_folder.VOICE_NUMBER}"]["queue"] == "standard"


@pytest.mark.parametrize(
    ("target", "key"),
    [
        pytest.param("sip:reception@pbx.example.net", "sip_uri", id="a SIP URI"),
        pytest.param("+390255501234", "phone", id="a phone number"),
    ],
)
def test_without_an_emergency_queue_everybody_goes_to_the_emergency_target(target: str, key: str) -> None:
    found = demo()
    del found["emergency_queue"]
    everybody = of(found, target).everybody
    assert everybody[key] == target
    assert target.encode() in files(of(found, target))["fallback.twiml.xml"]


def test_with_neither_there_is_nothing_to_export() -> None:
    found = demo(queues=demo()["queues"] | {"standard": queue("Standard", "")})
    with pytest.raises(NoFallback, match="EMERGENCY_TARGET"):
        of(found)


def test_a_finished_http_answer_says_its_length() -> None:
    for name in ("fallback.json.http", "fallback.twiml.http"):
        head, _, body = files(of(demo()))[name].partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert f"Content-Length: {len(body)}".encode() in head


def test_a_map_has_one_line_a_number() -> None:
    lines = files(of(demo()))["numbers.json.map"].decode().splitlines()
    keys = dict(line.split(" ", 1) for line in lines)
    assert set(keys) == set(demo()["numbers"])
    assert {json.loads(value)["action"] for value in keys.values()} == {"transfer"}


@pytest.mark.django_db
@pytest.mark.portable
def test_the_command_writes_every_file_of_the_live_release(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(CommandError, match="Nothing has been published"):
        call_command("export_fallback", tmp_path)
    for number, name in ((1, "1111"), (2, "2222")):
        text = document.canonical(demo(queues=demo()["queues"] | {"standard": queue("Standard", name)}))
        Release.objects.create(number=number, document=text, sha256=document.checksum(text), note="")
    call_command("export_fallback", tmp_path / "files")
    assert {each.name for each in (tmp_path / "files").iterdir()} == EVERY_FILE
    assert json.loads((tmp_path / "files" / "fallback.json").read_bytes())["sip_uri"] == "sip:2222@pbx.example.net"
