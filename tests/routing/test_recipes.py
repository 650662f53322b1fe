"""The recipes in deploy/recipes/, fed with real answers: each is done here as the platform would do it."""

import importlib.util
import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from routing.providers.base import RawRequest
from routing.providers.freeswitch import FreeSwitch
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, KEY, STRANGER, DecideServer, decide_server

__all__ = ["decide_server"]

RECIPES = Path(__file__).resolve().parents[2] / "deploy" / "recipes"


def text(path: str) -> str:
    return (RECIPES / path).read_text(encoding="utf-8")


def answered(server: DecideServer, shape: str, question: str | bytes = "") -> str:
    question = question or json.dumps({"call_id": "c-1", "to": live_folder.VOICE_NUMBER, "from": GOLD})
    response = server.post(question, f"?format={shape}")
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_each_recipe_has_its_section_and_each_section_its_files() -> None:
    page = text("README.md")
    named = set(re.findall(r"`(\w+/[\w.-]+\.\w+)`", page))
    files = {str(path.relative_to(RECIPES)) for path in RECIPES.rglob("*.*") if path.parent != RECIPES}
    assert {name for name in files if "__pycache__" not in name} == named
    assert page.count("not run in CI") == len(re.findall(r"^## ", page, re.MULTILINE))


def shifted(answer: str) -> dict[str, str]:
    """Asterisk's loop: SHIFT takes a line, CUT its key and all behind the first equals sign."""
    variables: dict[str, str] = {}
    while answer:
        line, _, answer = answer.partition("\n")
        if not line:
            break
        name, *fields = line.split("=")
        variables[f"cc_{name}"] = "=".join(fields)
    return variables


def test_asterisk_finds_every_variable_that_its_dialplan_uses(decide_server: DecideServer) -> None:
    used = set(re.findall(r"\$\{(cc_[\w.-]+)\}", text("asterisk/extensions.conf")))
    document = live_folder.demo_document()
    document["queues"]["vip"]["skills"] = "italian,billing"
    decide_server.change(document=document)
    variables = shifted(answered(decide_server, "kv"))
    # A phone number or a queue of Asterisk instead of an address comes with other queues.
    assert used - variables.keys() == {"cc_phone", "cc_provider_queue"}
    assert variables["cc_sip_uri"] == "sip:8001@pbx.example.net"
    assert variables["cc_h.X-Queue"] == "vip"
    assert int(variables["cc_answer_timeout_ms"]) // 1000 == 10
    assert variables["cc_overflow_uri"] == "sip:8002@pbx.example.net"
    assert variables["cc_h.X-Skills"] == "italian:billing"


def test_asterisk_and_opensips_know_who_is_turned_away(decide_server: DecideServer) -> None:
    document = live_folder.demo_document()
    document["calendars"]["never"] = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
    document["queues"]["vip"] |= {"calendar": "never", "when_closed": "reject"}
    decide_server.change(document=document)
    variables = shifted(answered(decide_server, "kv"))
    assert f'"{variables["cc_action"]} {variables["cc_fallback"]}"' in '"reject false"'
    assert '"${cc_action} ${cc_fallback}" = "reject false"' in text("asterisk/extensions.conf")
    answer = json.loads(answered(decide_server, "json"))
    assert (answer["action"], answer["fallback"], answer["queue"]) == ("reject", False, "vip")


@pytest.mark.parametrize(
    ("kind", "address", "key"), [("phone", "+390299900000", "phone"), ("provider_queue", "vip", "provider_queue")]
)
def test_asterisk_finds_the_other_kinds_of_queue(
    decide_server: DecideServer, kind: str, address: str, key: str
) -> None:
    document = live_folder.demo_document()
    document["queues"]["vip"] |= {"voice_kind": kind, "voice_address": address}
    decide_server.change(document=document)
    assert shifted(answered(decide_server, "kv"))[f"cc_{key}"] == address


def test_asterisks_question_is_the_json_that_we_read(decide_server: DecideServer) -> None:
    found = re.search(r"format=kv,(\{.*\})\)\}\)", text("asterisk/extensions.conf"))
    assert found
    filled = found[1].replace("${UNIQUEID}", "1700000000.1").replace("${called}", live_folder.VOICE_NUMBER)
    assert shifted(answered(decide_server, "kv", filled.replace("${caller}", GOLD)))["cc_queue"] == "vip"
    assert shifted(answered(decide_server, "kv", filled.replace("${caller}", "")))["cc_queue"] == "standard"


def test_freeswitchs_files_are_xml_and_post_what_we_read() -> None:
    ET.fromstring(text("freeswitch/contactcenter.xml"))
    parameters = [param.attrib for param in ET.fromstring(text("freeswitch/xml_curl.conf.xml")).iter("param")]
    values = {param["name"]: param["value"] for param in parameters}
    assert (values["timeout"], values["enable-cacert-check"], values["enable-ssl-verifyhost"]) == ("3", "true", "true")
    assert len(values["gateway-credentials"].partition(":")[2]) >= 32
    posted = [param["value"] for param in parameters if param["name"] == "enable-post-var"]
    for name in posted:
        contact = FreeSwitch().parse(RawRequest("POST", "/voice", body=f"{name}=4711".encode()), "account")
        read = (contact.call_id, contact.to, contact.caller, contact.diverted_from, contact.context.get("customer_no"))
        assert "4711" in read, name


def test_opensips_reads_keys_that_are_there(decide_server: DecideServer) -> None:
    used = set(re.findall(r"\$json\(answer/(\w+)\)", text("opensips/opensips.cfg")))
    assert used >= {"sip_uri", "overflow_uri", "sip_headers", "answer_timeout_ms"}
    assert used <= json.loads(answered(decide_server, "json")).keys()


def test_nice_reads_keys_that_are_there(decide_server: DecideServer) -> None:
    used = set(re.findall(r"\{answer\.(\w+)\}", text("nice_cxone/ask.snippet")))
    assert used == {"queue", "priority", "decision_id"}
    assert used <= json.loads(answered(decide_server, "flat")).keys()


def test_bird_asks_in_json_and_finds_its_variables(decide_server: DecideServer) -> None:
    step = json.loads(text("bird/fetch-variables.json"))
    filled = step["body"].replace("{{callId}}", "c-1").replace("{{destination}}", live_folder.VOICE_NUMBER)
    variables = json.loads(answered(decide_server, "flat", filled.replace("{{source}}", GOLD)))
    assert set(step["variables"].values()) - variables.keys() == {"phone"}
    assert variables["queue"] == "vip"


def test_genesys_asks_and_maps_the_answer(decide_server: DecideServer) -> None:
    action = json.loads(text("genesys_cloud/data-action.json"))
    request, response = action["config"]["request"], action["config"]["response"]
    inputs = {"conversationId": "c-1", "called": live_folder.VOICE_NUMBER, "caller": STRANGER, "customerNo": "4711"}
    assert inputs.keys() == action["contract"]["input"]["inputSchema"]["properties"].keys()
    asked = re.sub(r"\$\{input\.(\w+)\}", lambda found: inputs[found[1]], request["requestTemplate"])
    answer = json.loads(answered(decide_server, "flat", asked))
    mapped = {
        name: json.dumps(answer[path.removeprefix("$.")]) if path.removeprefix("$.") in answer else default
        for (name, path), default in zip(
            response["translationMap"].items(), response["translationMapDefaults"].values(), strict=True
        )
    }
    result = json.loads(re.sub(r"\$\{(\w+)\}", lambda found: mapped[found[1]], response["successTemplate"]))
    assert result["queue"] == "vip"
    assert result.keys() == action["contract"]["output"]["successSchema"]["properties"].keys()


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The Lambda function's module, set up for a decide server that nobody has started."""
    monkeypatch.setenv("API_KEY", KEY)
    monkeypatch.setenv("DEFAULT_QUEUE", "standard")
    monkeypatch.setenv("DECIDE_URL", "http://127.0.0.1:9")
    spec = importlib.util.spec_from_file_location("recipe", RECIPES / "amazon_connect" / "lambda_function.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def over_http(function: ModuleType, decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The decide server behind a socket, and the function told of it."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = {"Authorization": self.headers["Authorization"]}
            response = decide_server.post(body, "?" + self.path.partition("?")[2], **told)
            self.send_response(response.status_code)
            self.end_headers()
            self.wfile.write(response.content)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        monkeypatch.setenv("DECIDE_URL", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


def contact_of(caller: dict[str, str] | None, **parameters: str) -> dict[str, Any]:
    """What Amazon Connect hands to a function."""
    data = {"ContactId": "c-1", "SystemEndpoint": {"Address": live_folder.VOICE_NUMBER}, "CustomerEndpoint": caller}
    return {"Name": "ContactFlowEvent", "Details": {"ContactData": data, "Parameters": parameters}}


@pytest.mark.parametrize(
    ("event", "queue"),
    [
        pytest.param(contact_of({"Address": GOLD, "Type": "TELEPHONE_NUMBER"}), "vip", id="a gold caller"),
        pytest.param(contact_of(None), "standard", id="a hidden caller"),
        pytest.param(contact_of(None, customer_no="4711"), "vip", id="a number that the flow asked for"),
        pytest.param(contact_of(None, **{"Not a name": "1"}), "standard", id="a parameter that is no name"),
    ],
)
@pytest.mark.usefixtures("over_http")
def test_amazon_connect_gets_flat_text(function: ModuleType, event: dict[str, Any], queue: str) -> None:
    answer = function.handler(event, None)
    assert answer["queue"] == queue
    assert all(isinstance(value, str) for value in answer.values())


@pytest.mark.parametrize("broken", [{}, {"API_KEY": "cc_wrong"}], ids=["nobody there", "refused"])
def test_amazon_connect_goes_on_by_itself(
    function: ModuleType, broken: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken:
        request.getfixturevalue("over_http")
    for name, value in broken.items():
        monkeypatch.setenv(name, value)
    answer = function.handler(contact_of({"Address": GOLD}), None)
    assert answer == {"queue": "standard", "reason": "no_answer", "fallback": "true"}
