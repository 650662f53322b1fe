"""Hundreds of branches on one page: rows that are filled in are what Django would draw, at a fraction of its cost."""

import re
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


@pytest.mark.parametrize("method", ["opened", "saved", "refused"])
def test_the_page_costs_no_more_for_many_branches(method: str, flow: Flow, supervisor_client: Client) -> None:
    few, many = 2, 14
    for place in range(few):
        add(flow, place)
    cheap = cost(method, flow, supervisor_client)
    for place in range(few, many):
        add(flow, place)
    dear = cost(method, flow, supervisor_client)
    queries, templates, size = (after - before for before, after in zip(cheap, dear, strict=True))
    assert queries <= 0
    assert templates <= (many - few) * TEMPLATES_A_BRANCH
    assert size < (many - few) * BYTES_A_BRANCH


def test_who_only_reads_costs_no_more_for_many_branches(flow: Flow, auditor_client: Client) -> None:
    add(flow, 1)
    cheap = cost("opened", flow, auditor_client)
    for place in range(2, 14):
        add(flow, place)
    dear = cost("opened", flow, auditor_client)
    assert (dear[0] <= cheap[0], dear[1] <= cheap[1]) == (True, True)


def cost(method: str, flow: Flow, client: Client) -> tuple[int, int, int]:
    """Questions to the database, templates drawn, and bytes without the picture."""
    sent = fields_of(client.get(address(flow)).content.decode())
    if method == "refused":
        sent["branches-1-label"] = [""]
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address(flow)) if method == "opened" else client.post(address(flow), sent)
    assert answer.status_code == (302 if method == "saved" else 200)
    return len(queries), len(answer.templates), len(re.sub(rb"<svg.*?</svg>", b"", answer.content, flags=re.DOTALL))
