"""Hundreds of branches on one page: rows that are filled in are what Django would draw, at a fraction of its cost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.html import parse_html
from django.test.utils import CaptureQueriesContext

from contactcenter.accounts.models import User
from contactcenter.foundation import alike_rows
from queues.models import Queue
from routing.models import Branch, Flow, NotificationTarget
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db

GOLD = [[{"variable": "customer.tier", "operator": "is", "value": "gold"}]]
TEMPLATES_A_BRANCH = 2  # the textarea of its conditions, and that one's attributes
BYTES_A_BRANCH = 8_000  # without the picture


@pytest.fixture
def flow() -> Flow:
    queue = Queue.objects.create(name="VIP", slug="vip", voice_kind="phone", voice_address="+390212345679")
    return Flow.objects.create(name="Priority customers", slug="priority", last_path=queue)


def add(flow: Flow, place: int, **fields: Any) -> Branch:
    own = {"label": f"B{place}", "slug": f"b{place}", "queue": flow.last_path, "conditions": GOLD}
    return Branch.objects.create(flow=flow, position=place, **own | fields)


@pytest.fixture
def odd_branches(flow: Flow) -> None:
    """Whatever a row can hold, and what would break out of it."""
    other = Queue.objects.create(
        name='<b>"Night" & day', slug="night", voice_kind="phone", voice_address="+390212345670"
    )
    told = NotificationTarget.objects.create(name="Wall board", slug="wall", url="https://wall.example.com/")
    rows: tuple[dict[str, Any], ...] = (
        {},
        {"label": '"><script>alert(1)</script>', "conditions": []},
        {"label": "__prefix__ branches-0-label;", "queue": other, "target_kind": "account_manager"},
        {"label": "فرع", "priority_class": 1, "head_start_s": 90, "notify": told},
        {"conditions": [[GOLD[0][0] | {"value": "</textarea>"}], GOLD[0]]},
    )
    for place, fields in enumerate(rows, start=1):
        add(flow, place, **fields)


def address(flow: Flow) -> str:
    return f"/admin/routing/flow/{flow.pk}/change/"


def rows_of(page: Any) -> Any:
    """The branches of a page that was answered, as its template got them."""
    return next(each for each in page.context["inline_admin_formsets"] if each.formset.prefix == "branches")


def drawn_by_django(rows: Any, row: Any, number: int) -> str:
    context = {"rows": rows, "row": row, "number": number}
    return str(get_template("admin/edit_inline/ordered_row.html").render(context))


def meaning(html: str) -> Any:
    """Django leaves out the value of an empty input."""
    return parse_html(re.sub(r'(<input[^>]*?) value=""', r"\1", html))


def assert_drawn_as_by_django(page: Any, *, filled: int) -> None:
    rows, asked = rows_of(page), []

    def draw(row: Any, number: int) -> str:
        asked.append(number)
        return drawn_by_django(rows, row, number)

    text = page.content.decode()
    for number, (row, html) in enumerate(zip(rows, alike_rows.drawn(rows, draw), strict=True), start=1):
        assert meaning(html) == meaning(drawn_by_django(rows, row, number))
        assert row.original is None or row.form.errors or html in text
    singly = sum(row.original is None or bool(row.form.errors) for row in rows)
    assert (len(list(rows)) - singly, len(asked)) == (filled, singly + 1)


@pytest.mark.usefixtures("odd_branches")
def test_a_row_is_what_django_would_draw(flow: Flow, supervisor_client: Client) -> None:
    assert_drawn_as_by_django(supervisor_client.get(address(flow)), filled=5)


@pytest.mark.usefixtures("odd_branches")
def test_a_row_that_is_only_read_is_what_django_would_draw(flow: Flow, auditor_client: Client) -> None:
    assert_drawn_as_by_django(auditor_client.get(address(flow)), filled=5)


@pytest.mark.usefixtures("odd_branches")
def test_who_may_only_add_branches_reads_the_others(flow: Flow, supervisor: User, supervisor_client: Client) -> None:
    gone = Permission.objects.filter(codename__in=("change_branch", "delete_branch"))
    supervisor.user_permissions.remove(*gone)
    page = supervisor_client.get(address(flow))
    assert_drawn_as_by_django(page, filled=5)
    assert 'name="branches-0-label"' not in page.content.decode()
    assert 'name="branches-__prefix__-label"' in page.content.decode()


@pytest.mark.usefixtures("odd_branches")
def test_a_refused_form_keeps_what_was_typed_in_every_row(flow: Flow, supervisor_client: Client) -> None:
    sent: dict[str, Any] = fields_of(supervisor_client.get(address(flow)).content.decode())
    sent |= {"branches-TOTAL_FORMS": 6, "branches-0-label": 'Typed "in"', "branches-1-DELETE": "on"}
    sent |= {"branches-2-conditions": "customer.shoe is 43", "branches-3-head_start_s": "1e"}
    sent |= {"branches-4-queue": flow.last_path_id + 1, "branches-5-label": "New", "branches-5-position": 6}
    page = supervisor_client.post(address(flow), sent)
    assert_drawn_as_by_django(page, filled=3)
    shown = fields_of(page.content.decode())
    for name in ("branches-0-label", "branches-1-DELETE", "branches-3-head_start_s", "branches-5-label"):
        assert shown[name] == [sent[name]]
    assert shown["branches-4-queue"] == [str(sent["branches-4-queue"])]
    assert "customer.shoe" in page.content.decode()


FEW, MANY = 2, 8


def test_the_page_costs_no_more_for_many_branches(flow: Flow, supervisor_client: Client) -> None:
    for place in range(FEW):
        add(flow, place)
    sent = fields_of(supervisor_client.get(address(flow)).content.decode())
    supervisor_client.post(address(flow), sent)  # from now on the page says who changed it
    cheap = costs(flow, supervisor_client)
    for place in range(FEW, MANY):
        add(flow, place)
    dear = costs(flow, supervisor_client)
    for how in ("opened", "refused", "saved"):
        queries, templates, size = (after - before for before, after in zip(cheap[how], dear[how], strict=True))
        assert queries <= 0, how
        assert templates <= (MANY - FEW) * TEMPLATES_A_BRANCH, how
        assert size < (MANY - FEW) * BYTES_A_BRANCH, how


def test_who_only_reads_costs_no_more_for_many_branches(flow: Flow, auditor_client: Client) -> None:
    add(flow, 1)
    cheap = cost(lambda: auditor_client.get(address(flow)))
    for place in range(2, MANY):
        add(flow, place)
    dear = cost(lambda: auditor_client.get(address(flow)))
    assert (dear[0] <= cheap[0], dear[1] <= cheap[1]) == (True, True)


Cost = tuple[int, int, int]
"""Questions to the database, templates drawn, and bytes without the picture."""


def costs(flow: Flow, client: Client) -> dict[str, Cost]:
    """Of the page as it is opened, refused and saved."""
    sent: dict[str, Any] = {}

    def opened() -> Any:
        answer = client.get(address(flow))
        sent.update(fields_of(answer.content.decode()))
        return answer

    return {
        "opened": cost(opened),
        "refused": cost(lambda: client.post(address(flow), sent | {"branches-1-label": [""]})),
        "saved": cost(lambda: client.post(address(flow), sent), status=302),
    }


def cost(ask: Callable[[], Any], status: int = 200) -> Cost:
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code == status
    return len(queries), len(answer.templates), len(re.sub(rb"<svg.*?</svg>", b"", answer.content, flags=re.DOTALL))
