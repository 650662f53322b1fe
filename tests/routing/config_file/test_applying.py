"""A configuration file becomes the draft whole or not at all, and says before what it would change."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from customers.models import DataSource
from queues.models import HelpDesk, Queue
from routing import config_file
from routing.document import Document, render
from routing.models import Release
from tests.routing.documents import GOOD, good
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def draft() -> None:
    """GOOD as the draft."""
    good_draft()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The draft as it was exported."""
    path = tmp_path / "config.yaml"
    call_command("export_config", output=path)
    return path


def said(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_round_trip_gives_the_same_bytes(file: Path) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=1)
    assert "VIP" in said("apply_config", str(file))
    assert said("export_config").encode() == file.read_bytes()
    assert said("apply_config", str(file)) == "Nothing differs from the draft.\n"


def test_a_plan_says_what_would_change_and_changes_nothing(file: Path) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=1)
    before, out = render(), StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("plan_config", str(file), stdout=out)
    assert left.value.code == 2
    assert "head start 300 s instead of 1 s" in out.getvalue()
    assert render() == before


def test_a_plan_without_a_difference_ends_well(file: Path) -> None:
    assert said("plan_config", str(file)) == "Nothing differs from the draft.\n"


def test_a_file_is_published_with_a_note(file: Path) -> None:
    said("apply_config", str(file), "--publish", "From the repository")
    assert Release.objects.get().note == "From the repository"
    assert said("export_config", "--release", "1").encode() == file.read_bytes()


def test_what_is_empty_or_as_usual_may_be_written_out(file: Path) -> None:
    document = good()
    document["queues"]["vip"] |= {"when_full": "overflow", "closed_without_agents": True}
    document["queues"]["vip"] |= {"calendar": None, "closed_address": ""}
    document["phone_systems"]["pbx"]["statistics_by"] = "nobody"
    assert config_file.apply(document) == []


def test_every_field_of_a_queue_survives(file: Path) -> None:
    document = good()
    document["queues"]["vip"] |= {
        "agents_per_caller": 0.5,
        "skills": "italian,billing",
        "headers": "X-CC-Language: {customer.language}",
        "when_full": "announce",
        "full_address": "8090",
        "closed_without_agents": False,
    }
    document["calendars"]["office"] |= {"country": "IT"}
    config_file.apply(document)
    assert render() == document
    assert config_file.read(config_file.write(render())) == document


def test_no_secret_is_in_the_file() -> None:
    DataSource.objects.update(secret="very-secret")
    HelpDesk.objects.update(token="very-secret")
    assert "secret" not in said("export_config")


def test_a_fault_is_told_with_its_line(file: Path) -> None:
    lines = file.read_text().splitlines()
    place = lines.index("    head_start_s: 300")
    lines[place] = "    head_start_s: soon"
    hours = next(place for place, line in enumerate(lines) if line.startswith("    - closes: "))
    lines[hours] = "    - closes: evening"
    file.write_text("\n".join(lines))
    with pytest.raises(CommandError) as refusal:
        call_command("plan_config", str(file))
    assert f"Line {place + 1}, queues.vip.head_start_s: 'soon' is not of type 'integer'" in str(refusal.value)
    assert f"Line {hours + 1}, calendars.office.hours.0.closes: 'evening'" in str(refusal.value)


def test_a_plan_refuses_a_fault_in_the_same_words(file: Path) -> None:
    file.write_text(file.read_text().replace("rank: 3", "rank: 4"))
    with pytest.raises(CommandError, match="there can be only one"):
        call_command("plan_config", str(file))
    assert render() == GOOD


def in_queue(**fields: Any) -> Callable[[Document], None]:
    return lambda document: document["queues"]["vip"].update(fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            in_queue(overflow_to="vipp"), "queues.vip.overflow_to: 'vipp' is not one of", id="a queue that is not there"
        ),
        pytest.param(
            in_queue(head_start_s="long"),
            "queues.vip.head_start_s: 'long' is not of type 'integer'",
            id="a word for seconds",
        ),
        pytest.param(
            in_queue(head_start_s=-1), "queues.vip.head_start_s: -1 is less than the minimum", id="seconds below zero"
        ),
        pytest.param(in_queue(name="x" * 10_000), "queues.vip.name", id="a name of ten thousand letters"),
        pytest.param(
            in_queue(colour="red"), "queues.vip: Additional properties are not allowed", id="a name that we do not know"
        ),
        pytest.param(in_queue(voice_address="80 01"), "An extension such as 8001", id="an extension with a space"),
        pytest.param(in_queue(overflow_to="vip"), "cannot overflow to itself", id="a queue that overflows to itself"),
        pytest.param(lambda it: it.pop("queues"), "the file: 'queues' is a required property", id="no queues at all"),
        pytest.param(lambda it: it.update(queues=[]), "queues: .. is not of type 'object'", id="a list of queues"),
        pytest.param(lambda it: it.update(format=99), "format: 99 is not one of", id="a format of the future"),
        pytest.param(
            lambda it: it["tiers"]["gold"].update(rank=4), "there can be only one", id="two tiers of one rank"
        ),
        pytest.param(
            lambda it: it["calendars"]["office"]["exceptions"][0].update(last_day="2026-02-31"),
            "calendars.office.exceptions.0.last_day",
            id="a day that no calendar has",
        ),
        pytest.param(
            lambda it: it["calendars"]["office"]["exceptions"][0].update(last_day="2026-12-24"),
            "The last day is before the first",
            id="days that end before they begin",
        ),
        pytest.param(
            lambda it: it["numbers"]["voice:+390212345678"].update(account="nobody"),
            "“nobody” is missing",
            id="an account that is not there",
        ),
        pytest.param(
            lambda it: it["flows"]["priority-customers"]["branches"][0].update(conditions=[[{"operator": "is"}]]),
            "who takes it",
            id="a condition without a variable",
        ),
        pytest.param(
            lambda it: it["numbers"].update({"fax:+39": it["numbers"]["voice:+390212345678"]}),
            "numbers: 'fax:.39' does not match",
            id="a channel that there is not",
        ),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_place_and_changes_nothing(
    change: Callable[[Document], object], words: str, tmp_path: Path
) -> None:
    document = good()
    change(document)
    (file := tmp_path / "config.yaml").write_text(config_file.write(document))
    with pytest.raises(CommandError, match=words):
        call_command("apply_config", str(file))
    assert render() == GOOD


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("plan_config", ["/no/such/file.yaml"], "cannot be read: No such file"),
        ("apply_config", ["/"], "cannot be read"),
        ("export_config", ["--release", "7"], "There is no release 7"),
        ("export_config", ["--output", "/no/such/folder/x.yaml"], "cannot be written"),
    ],
)
def test_a_file_that_is_not_there_is_said(command: str, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command(command, *arguments)
