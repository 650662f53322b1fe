"""“Here is our VIP list”: handed in, looked at, read, and forgotten."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers import sync, uploads
from customers.crm.lists import ListError
from customers.models import CrmConnection, Customer, Handle, LoyaltyTier, SyncRun, UploadedList

pytestmark = pytest.mark.django_db

UPLOAD = "admin:customers_crmconnection_upload"
NUMBERS = "+39 02 1234567\n02 7654321\nnobody\n+39021234567\n"


@pytest.fixture
def gold(db: None) -> LoyaltyTier:
    LoyaltyTier.objects.create(name="Silver", slug="silver", rank=20)
    return LoyaltyTier.objects.create(name="Gold", slug="gold", rank=10)


def fields(tier: LoyaltyTier | None, **more: Any) -> dict[str, Any]:
    return {"connection": "", "name": "VIP list", "text": "", "tier": tier.pk if tier else "", "region": "IT"} | more


def hand_in(client: Client, data: dict[str, Any], status: int = 200) -> str:
    response = client.post(reverse(UPLOAD), data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def read_it(client: Client, data: dict[str, Any]) -> SyncRun:
    """Look at the list, have it read, and work its run to the end."""
    hand_in(client, data)
    draft = UploadedList.objects.get(connection=None)
    response = client.post(reverse(UPLOAD), {**data, "text": "", "draft": str(draft.pk), "read": "1"})
    assert response.status_code == 302, response.content.decode()[:3000]
    run = SyncRun.objects.latest("pk")
    for _step in range(20):
        if run.state not in SyncRun.UNFINISHED:
            break
        sync.step(run.pk, monotonic() + 20)
        run.refresh_from_db()
    return run


def tiers() -> dict[str, str]:
    """The tier of each number."""
    held = Handle.objects.filter(kind="phone").values_list("value", "customer__tier__slug")
    return {value: slug or "" for value, slug in held}


def test_a_pasted_column_of_numbers_is_looked_at(supervisor_client: Client, gold: LoyaltyTier) -> None:
    page = hand_in(supervisor_client, fields(gold, text=NUMBERS))
    assert "2 of 4 lines can be used." in page
    assert "is the same person as line 1" in page
    assert "Phone number: is " in page
    assert "phone:+39" not in page
    assert 'value="handle:phone" selected' in page
    assert not CrmConnection.objects.exists()
    assert not Customer.objects.exists()


def test_a_pasted_column_becomes_a_run_like_any_other(supervisor_client: Client, gold: LoyaltyTier) -> None:
    run = read_it(supervisor_client, fields(gold, text=NUMBERS))
    assert (run.state, run.created) == ("partial", 2), run.error
    assert tiers() == {"+39021234567": "gold", "+39027654321": "gold"}
    assert run.rejects.count() == 1
    assert run.connection.connector == "upload"


def test_the_text_is_kept_for_the_run_only(supervisor_client: Client, gold: LoyaltyTier) -> None:
    read_it(supervisor_client, fields(gold, text=NUMBERS))
    uploads.forget_read()
    assert not UploadedList.objects.exists()


def test_a_list_that_waits_for_its_run_is_kept(supervisor_client: Client, gold: LoyaltyTier) -> None:
    data = fields(gold, text=NUMBERS)
    hand_in(supervisor_client, data)
    draft = UploadedList.objects.get()
    assert uploads.forget_read() == 0, "while she looks at it"
    supervisor_client.post(reverse(UPLOAD), {**data, "draft": str(draft.pk), "read": "1"})
    assert uploads.forget_read() == 0, "until its run has read it"


def test_a_file_of_a_spreadsheet_says_the_tier_itself(supervisor_client: Client, gold: LoyaltyTier) -> None:
    lines = [
        "\ufeffCustomer;Mobile phone;Level;Note",
        '"Rossi, Ada";+39021234567;GOLD;=HYPERLINK("x")',
        "Bo;027654321;silver;",
    ]
    text = "\r\n".join(lines)
    file = SimpleUploadedFile("vip.csv", text.encode())
    run = read_it(supervisor_client, fields(None, file=file))
    assert run.state == "succeeded", run.error
    assert tiers() == {"+39021234567": "gold", "+39027654321": "silver"}
    assert set(Customer.objects.values_list("name", flat=True)) == {"Rossi, Ada", "Bo"}


def test_who_left_the_whole_list_loses_the_tier(supervisor_client: Client, gold: LoyaltyTier) -> None:
    read_it(supervisor_client, fields(gold, text="+39021234567\n+39027654321\n+39023333333\n"))
    again = {"connection": str(CrmConnection.objects.get().pk), "name": "", "is_whole": "on"}
    run = read_it(supervisor_client, fields(gold, text="+39021234567\n+39027654321\n", **again))
    assert run.state == "succeeded", (run.error, run.guards)
    assert tiers() == {"+39021234567": "gold", "+39027654321": "gold", "+39023333333": ""}


def test_people_are_added_to_a_list_that_is_not_whole(supervisor_client: Client, gold: LoyaltyTier) -> None:
    read_it(supervisor_client, fields(gold, text="+39021234567\n+39027654321\n"))
    again = {"connection": str(CrmConnection.objects.get().pk), "name": ""}
    run = read_it(supervisor_client, fields(gold, text="+39023333333\n", **again))
    assert run.state == "succeeded", (run.error, run.guards)
    assert set(tiers().values()) == {"gold"}


def test_a_list_has_no_night_of_its_own(supervisor_client: Client, gold: LoyaltyTier) -> None:
    read_it(supervisor_client, fields(gold, text=NUMBERS))
    uploads.forget_read()
    run = sync.start(CrmConnection.objects.get(), "manual")
    sync.step(run.pk, monotonic() + 20)
    run.refresh_from_db()
    assert (run.state, "Upload it again" in run.error) == ("failed", True)


BAD: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "nothing": (lambda: {}, "Paste the list here"),
    "an Excel file": (lambda: {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"\0" * 99)}, "Excel"),
    "an empty file": (lambda: {"file": SimpleUploadedFile("a.csv", b"")}, "Paste the list here|nobody in this list"),
    "a picture": (lambda: {"file": SimpleUploadedFile("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0")}, "not text"),
    "a header only": (lambda: {"text": "phone;name\n"}, "nobody in this list"),
    "an open quotation mark": (lambda: {"text": 'phone;name\n1;"Ada\n2;Bo\n'}, "quotation mark"),
    "no way to know anybody": (lambda: {"text": "colour;size\nred;1\nblue;2\n"}, "which column holds the phone"),
    "too many lines": (lambda: {"text": "phone\n" + "+39021234567\n" * 60_000}, "Divide it"),
    "no country": (lambda: {"text": NUMBERS, "region": "XX"}, "two letters"),
    "no name": (lambda: {"text": NUMBERS, "name": " "}, "Give the new list a name"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_said(supervisor_client: Client, gold: LoyaltyTier, case: str) -> None:
    make, said = BAD[case]
    page = hand_in(supervisor_client, fields(gold, **make()))
    assert any(words in page for words in said.split("|")), page
    assert not CrmConnection.objects.exists()


def test_a_field_of_ten_thousand_letters_costs_its_line(supervisor_client: Client, gold: LoyaltyTier) -> None:
    text = f"phone;name\n+39021234567;{'x' * 10_001}\n+39027654321;Bo\n"
    page = hand_in(supervisor_client, fields(gold, text=text))
    assert "1 of 2 lines can be used." in page


@pytest.mark.parametrize("field", ["file", "text"])
def test_what_is_too_large_is_answered_with_words(
    supervisor_client: Client, gold: LoyaltyTier, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 3_000_000)
    size = 5_000_000 if field == "file" else 2_700_000
    content = SimpleUploadedFile("vip.csv", b"1" * size) if field == "file" else "1" * size
    page = hand_in(supervisor_client, fields(gold, **{field: content}), status=413)
    assert "The list is too large" in page
    assert not UploadedList.objects.exists()


def test_a_forged_request_is_refused(supervisor_client: Client, gold: LoyaltyTier) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = supervisor_client.cookies
    assert strict.post(reverse(UPLOAD), fields(gold, text=NUMBERS)).status_code == 403
    assert not UploadedList.objects.exists()


def test_an_auditor_hands_in_nothing(auditor_client: Client, gold: LoyaltyTier) -> None:
    assert auditor_client.get(reverse(UPLOAD)).status_code == 403
    assert auditor_client.post(reverse(UPLOAD), fields(gold, text=NUMBERS)).status_code == 403


def test_a_list_is_shown_to_nobody_else(supervisor_client: Client, auditor: Any, gold: LoyaltyTier) -> None:
    draft = uploads.draft(uploads.read(NUMBERS), auditor)
    page = hand_in(supervisor_client, fields(gold, draft=str(draft.pk)))
    assert "Hand it in again" in page
    assert "1234567" not in page


def test_a_list_is_not_replaced_while_it_is_read(supervisor_client: Client, gold: LoyaltyTier) -> None:
    data = fields(gold, text=NUMBERS)
    hand_in(supervisor_client, data)
    supervisor_client.post(reverse(UPLOAD), {**data, "draft": str(UploadedList.objects.get().pk), "read": "1"})
    before = UploadedList.objects.get().content
    again = fields(gold, text="+39023333333\n", connection=str(CrmConnection.objects.get().pk), name="")
    hand_in(supervisor_client, again)
    draft = UploadedList.objects.get(connection=None)
    response = supervisor_client.post(reverse(UPLOAD), {**again, "draft": str(draft.pk), "read": "1"}, follow=True)
    assert "running already" in response.content.decode()
    assert UploadedList.objects.get(connection__isnull=False).content == before


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("+39021234567\n", ["handle:phone"]),
        ("Ada;+39021234567;ada@example.com\nBo;+39027654321;bo@example.com\n", ["", "handle:phone", "handle:email"]),
        ("name,tel,livello\nAda,+39021234567,gold\n", ["name", "handle:phone", "tier"]),
        ("name;first name;phone\nAda;A;+39021234567\n", ["name", "", "handle:phone"]),
        ("home;mobile\n+39021234567;+39027654321\n", ["handle:phone", "handle:phone"]),
    ],
)
def test_columns_are_guessed(text: str, targets: list[str]) -> None:
    assert [column.target for column in uploads.columns(uploads.read(text), "IT")] == targets


def test_lines_keep_the_numbers_they_were_handed_in_with(gold: LoyaltyTier) -> None:
    text = uploads.read("phone;name\n\n+39021234567;Ada\n+39027654321\nbad;Bo\n")
    look = uploads.preview(text, uploads.Choices("IT", "gold", ("handle:phone", "name")))
    assert [line for line, _problem in look.problems] == [4, 5]


def test_a_list_without_anybody_to_recognise_is_refused(gold: LoyaltyTier) -> None:
    with pytest.raises(ListError):
        uploads.preview(uploads.read("a;b\n1;2\n"), uploads.Choices("IT", "gold", ("name", "")))
