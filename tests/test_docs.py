"""The pages say what the code does: a name that is in one and not in the other fails here."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from prometheus_client.metrics import MetricWrapperBase

from contactcenter import portal_metrics
from contactcenter.foundation.values import DATE, MONEY, NUMBER, TEXT, YES_NO
from contactcenter.menu import MENU
from contactcenter.menu import PAGES as MENU_PAGES
from customers.crm import CONNECTORS
from queues.state import State
from routing import host_metrics, metrics
from routing.api.events import KINDS
from routing.api.schema import AnswerSchema, QuestionSchema
from routing.catalogue import FIXED, QUEUE_VARIABLES
from routing.conditions import MOMENT, OPERATORS
from routing.contacts import CHANNELS
from routing.providers import DIALECTS
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer, decide_server

__all__ = ["decide_server"]

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
OUR_APPS = ("contactcenter", "customers", "queues", "routing")
TYPE_WORDS = {
    TEXT: "text",
    NUMBER: "number",
    MONEY: "money",
    DATE: "date",
    YES_NO: "yes or no",
    MOMENT: "moment",
}
NOTHING_PERSONAL = {
    "customers_alert",
    "customers_alertnotice",
    "customers_crmpush",
    "customers_heartbeat",
    "customers_identitypolicy",
    "customers_attributedefinition",
    "customers_crmbookmark",
    "customers_crmconnection",
    "customers_crmtoken",
    "customers_datasource",
    "customers_datasourcevariable",
    "customers_fieldmapping",
    "customers_loyaltytier",
    "customers_retentionmark",
    "customers_safeguards",
    "customers_tierbound",
    "customers_tiermapping",
    "customers_tierpolicy",
    "customers_tierrule",
    "customers_tiershare",
    "audit_chainend",
    "foundation_changecounter",
    "foundation_team",
    "queues_calendar",
    "queues_calendarexception",
    "queues_helpdesk",
    "queues_openinghours",
    "queues_phonesystem",
    "queues_queue",
    "queues_queuestate",
    "queues_reportedwait",
    "queues_waitestimate",
    "routing_apikey",
    "routing_branch",
    "routing_fetchstep",
    "routing_flow",
    "routing_notification",
    "routing_notificationtarget",
    "routing_number",
    "routing_numberuse",
    "routing_provideraccount",
    "routing_samplecall",
}
"""Tables that somebody has looked at; a new one is put here or into docs/data-inventory.md."""


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def rows(path: str) -> dict[str, list[str]]:
    """The rows of all tables of a page by each name in backticks of the first cell; the other cells."""
    found: dict[str, list[str]] = {}
    for line in text(path).splitlines():
        if line.startswith("|"):
            first, *others = [cell.strip() for cell in line.strip("|").split("|")]
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", first), others)
    return found


def code(*folders: str) -> str:
    """All source of these folders."""
    return "\n".join(each.read_text(encoding="utf-8") for folder in folders for each in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_has_its_row(name: str) -> None:
    label, _operand, types, _meaning = rows("docs/branches.md")[name]
    assert label == OPERATORS[name].label
    assert set(types.split(", ")) == {TYPE_WORDS[kind] for kind in OPERATORS[name].types}


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in FIXED])
def test_a_variable_has_its_row_with_its_type(entry: Any) -> None:
    kind, _missing = rows("docs/branches.md")[entry.name]
    assert kind.startswith(TYPE_WORDS[entry.type])


@pytest.mark.parametrize(("name", "kind"), [each[:2] for each in QUEUE_VARIABLES])
def test_a_variable_of_queues_has_its_row_with_its_type(name: str, kind: str) -> None:
    assert rows("docs/branches.md")[f"queue.<short name>.{name}"][0] == TYPE_WORDS[kind]


def test_each_rule_is_numbered_and_held_by_a_test() -> None:
    rules = re.findall(r"^(\d+)\. (.*)$", text("docs/branches.md"), re.MULTILINE)
    assert [int(number) for number, _ in rules] == list(range(1, len(rules) + 1))
    assert [number for number, rule in rules if not re.search(r"\(`test_\w+`(, `test_\w+`)*\)$", rule)] == []


def test_every_setting_that_is_read_has_its_row_and_no_other() -> None:
    read = set()
    for module in ("environment", "settings", "celery_settings", "login_settings", "decide_settings"):
        read |= set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', text(f"contactcenter/{module}.py")))
    assert len(read) > 15
    table = text("docs/operations.md").partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == read


def test_every_setting_of_gunicorn_is_named() -> None:
    read = set(re.findall(r"environ\.get\(['\"]([A-Z_]+)", code("deploy")))
    assert {name for name in read if f"`{name}`" not in text("docs/operations.md")} == set()
    assert "DECIDE_WORKERS" in read


def test_every_command_of_ours_has_its_row() -> None:
    commands = {each.stem for app in OUR_APPS for each in (ROOT / app).glob("management/commands/[a-z]*.py")}
    documented = {name.split()[1] for name in rows("docs/operations.md") if name.startswith("manage.py ")}
    assert documented == commands


def test_every_metric_has_its_row() -> None:
    table = text("docs/operations.md").partition("### Metrics")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_]+)`", table, re.MULTILINE)) == served_metrics()


def served_metrics() -> set[str]:
    """Every metric of ours that either server shows."""
    counted = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for collector in vars(metrics).values()
        if isinstance(collector, MetricWrapperBase)
        for metric in collector.describe()
    }
    return counted | set(host_metrics.GAUGES) | set(portal_metrics.GAUGES)


def alerts() -> list[dict[str, Any]]:
    """The rules that Prometheus is given."""
    groups = yaml.safe_load(text("deploy/prometheus-alerts.yml"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_that_exist_and_says_what_to_do(rule: dict[str, Any]) -> None:
    named = set(re.findall(r"\b(?:routing|crm|portal)_\w+", rule["expr"])) or {"up"}
    assert named - served_metrics() - {"up"} == set()
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert all(len(rule["annotations"][part]) > 15 for part in ("summary", "description"))


def test_every_alert_has_its_row_and_no_other() -> None:
    table = text("docs/operations.md").partition("### Alerts")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [rule["alert"] for rule in alerts()]


def test_every_log_event_worth_an_alert_is_logged_somewhere() -> None:
    section = text("docs/operations.md").partition("Events worth an alert:")[2].partition("\n\n")[0]
    source = code(*OUR_APPS)
    named = re.findall(r"`(\w+)`", section)
    assert [event for event in named if f'"{event}"' not in source] == []
    assert named


@pytest.mark.parametrize("slug", DIALECTS)
def test_a_dialect_has_its_row(slug: str) -> None:
    assert slug in rows("docs/providers.md")


@pytest.mark.parametrize("kind", CONNECTORS)
def test_a_connector_has_its_row(kind: str) -> None:
    assert kind in rows("docs/adding-a-connector.md")


@pytest.mark.parametrize("name", [*QuestionSchema().fields, *AnswerSchema().fields, *KINDS, *CHANNELS])
def test_every_word_of_the_api_is_explained(name: str) -> None:
    assert f"`{name}`" in text("docs/api.md")


def test_every_error_code_has_its_row_and_no_other() -> None:
    found = re.findall(r'\b(?:Malformed|problem)\(\s*(?:\d{3},\s*)?"([a-z_]+)"', code(*OUR_APPS))
    table = text("docs/api.md").partition("## Errors")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| \d{3} \| `(\w+)`", table, re.MULTILINE)) == set(found)


def example(name: str) -> str:
    """What stands in the code block behind `<!-- example: name -->`."""
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", text("docs/api.md"), re.DOTALL)
    assert found
    return found[1]


def same_id(said: str) -> str:
    """The decision id depends on the deployment's key."""
    return re.sub(r"\b[0-9a-f]{32}\b", "<decision id>", said)


@pytest.mark.parametrize("shape", ["json", "kv", "flat"])
def test_the_examples_of_the_api_page_are_what_the_code_answers(decide_server: DecideServer, shape: str) -> None:
    question = {"call_id": "a84b4c76e66710", "to": live_folder.VOICE_NUMBER, "from": GOLD}
    answered = same_id(decide_server.post(question, f"?format={shape}").content.decode())
    written = same_id(example(shape))
    if shape == "kv":
        assert written == answered
    else:
        assert list(json.loads(written).items()) == list(json.loads(answered).items())


def test_the_example_of_an_error_is_what_the_code_answers(decide_server: DecideServer) -> None:
    response = decide_server.post({"to": live_folder.VOICE_NUMBER})
    assert f"    {response.content.decode()}\n" in text("docs/api.md")


def test_a_caller_keeps_his_rank_when_another_queue_takes_over(decide_server: DecideServer) -> None:
    """Rule 32 of docs/branches.md."""
    assert decide_server.plane.live.held.state == State()
    decide_server.change(state={"switch:1": {"kind": "close_queue", "subject": "vip"}})
    answer = decide_server.ask(GOLD)
    assert (answer["queue"], answer["priority_class"], answer["head_start_s"]) == ("priority", 1, 300)


def test_what_make_help_says_stands_in_the_readme() -> None:
    targets = re.findall(r"^([a-z-]+):.*## (.*)$", text("Makefile"), re.MULTILINE)
    said = [f"      make {name:<14} {words}" for name, words in targets]
    assert "\n".join(said) in text("README.md")
    assert len(said) > 5


def test_every_table_is_in_the_inventory_or_holds_nothing_personal() -> None:
    named = set(rows("docs/data-inventory.md"))
    ours = {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OUR_APPS and not hasattr(model, "instance_type")  # histories: one row
    }
    assert ours - named - NOTHING_PERSONAL == set()
    assert ours - named >= NOTHING_PERSONAL


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_way_through_the_menu_is_as_the_menu_is(page: Path) -> None:
    """Such as “Integrations → Phone systems”. An app of ours is no group of the menu."""
    groups = {str(group.name): [menu_label(entry).lower() for entry in group.entries] for group in MENU}
    starts = "|".join([*groups, "Queues", "Customers"])
    for group, entry in re.findall(rf"(?<!→ )\b({starts})\*? (?:→|>) ([\w ]+)", page.read_text(encoding="utf-8")):
        assert entry.lower().startswith(tuple(groups.get(group, ["nowhere"]))), f"{group} → {entry}"


def menu_label(entry: str) -> str:
    """What the menu calls a page, or the rows of a model."""
    return str(MENU_PAGES[entry].name if entry in MENU_PAGES else apps.get_model(entry)._meta.verbose_name_plural)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_tests_that_are_named_exist(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    files = re.findall(r"`([a-z](?:[\w.-]+/)+[\w-]+\.(?:py|js|env|html))`", words)
    assert [each for each in files if not (ROOT / each).is_file()] == []
    tests = set(re.findall(r"`(test_\w+)`", words))
    assert tests - names_of_tests() == set()


@cache
def names_of_tests() -> set[str]:
    return set(re.findall(r"\bdef (test_\w+)", code("tests")))


def test_the_life_of_a_call_names_its_files() -> None:
    assert len(re.findall(r"`[\w/]+\.py`", text("docs/life-of-a-call.md"))) > 20
