"""The form shows one real answer before anybody relies on a source."""

from collections.abc import Iterator

import pytest

from customers.sources.preview import preview
from tests.customers.asking_source import CALLER, entry
from tests.customers.source_standin import Standin, running_standin


@pytest.fixture
def crm() -> Iterator[Standin]:
    with running_standin() as standin:
        yield standin


def test_a_preview_shows_the_answer_and_what_is_read_from_it(crm: Standin) -> None:
    crm.content = b'{"customer": {"tier": "gold", "orders": "many"}}'
    seen = preview(entry(crm.url("/json?p={call.from}")), "s3cret", CALLER)
    assert (seen.status, seen.http_status) == ("ok", 200)
    assert seen.answer == {"customer": {"tier": "gold", "orders": "many"}}
    assert seen.values == {"tier": "gold", "orders": 0}
    assert set(seen.problems) == {"orders"}
    assert crm.journal[0].headers["authorization"] == "Bearer s3cret"


def test_a_preview_always_asks_anew(crm: Standin) -> None:
    for _ in range(2):
        preview(entry(crm.url()), "", CALLER)
    assert len(crm.journal) == 2


@pytest.mark.parametrize(
    ("path", "status", "http_status", "detail"),
    [
        ("/status/500", "error", 500, "http 500"),
        ("/status/404", "not_found", 404, ""),
        ("/html", "error", 200, "not json"),
        ("/hang", "timeout", None, "deadline"),
        ("/reset", "error", None, "reset"),
        ("/json?p={call.to}", "error", None, "missing: call.to"),
    ],
)
def test_a_preview_says_what_went_wrong(
    path: str, status: str, http_status: int | None, detail: str, crm: Standin
) -> None:
    budget = {"budget_ms": 300} if status == "timeout" else {}
    seen = preview(entry(crm.url(path), **budget), "", CALLER)
    assert (seen.status, seen.http_status, seen.detail) == (status, http_status, detail)


def test_a_source_that_cannot_be_used_names_its_field() -> None:
    seen = preview(entry("https://{call.from}/"), "", CALLER)
    assert (seen.status, set(seen.problems)) == ("error", {"url"})
