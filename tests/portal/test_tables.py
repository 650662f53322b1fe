"""Import and export of numbers, customers and queues, through the pages that people use."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from contactcenter.tables import files, forms, imports
from contactcenter.tables.models import ImportRow, TableImport
from customers.models import AttributeDefinition, Customer, Handle, LoyaltyTier, TierChange
from customers.privacy import suppression
from queues.models import PhoneSystem, Queue
from routing import number_use
from routing.models import Flow, Number, NumberUse, ProviderAccount
from tests.portal.test_tables_reading import workbook

pytestmark = pytest.mark.django_db

ROSA, CARLO = "+393471234567", "+393471234568"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture(autouse=True)
def draft(db: None) -> None:
    """What numbers and customers point to."""
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    queue = Queue.objects.create(name="Everyone", slug="everyone", phone_system=system, voice_address="8001")
    Flow.objects.create(name="Priority customers", slug="priority", last_path=queue)
    ProviderAccount.objects.create(name="Twilio Italy", slug="twilio-it", dialect="native")
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    LoyaltyTier.objects.create(name="Silver", slug="silver", rank=2)


def hand_in(client: Client, table: str, content: bytes | str, name: str = "list.csv", **said: Any) -> Any:
    """The answer to a file; the page that comes then is not opened."""
    raw = content.encode() if isinstance(content, str) else content
    sent = {"file": SimpleUploadedFile(name, raw), "region": "IT", **said}
    return client.post(reverse("tables_hand_in", args=[table]), sent)


def handed_in(client: Client, *file: Any, **said: Any) -> Any:
    """The page after a file was handed in."""
    answer = hand_in(client, *file, **said)
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def send(client: Client, **said: Any) -> Any:
    """The answer to a button of the latest import; the page that comes then is not opened."""
    return client.post(reverse("tables_import", args=[latest().pk]), said)


def press(client: Client, **said: Any) -> str:
    """The page of the latest import after a button was pressed."""
    answer = send(client, **said)
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    return str(page.content.decode())


def latest() -> TableImport:
    return TableImport.objects.latest("created_at")


def counted() -> tuple[int, int, int, int]:
    job = latest()
    return job.new, job.changed, job.unchanged, job.refused


def refusals() -> list[tuple[int, str, str]]:
    rows = latest().rows.filter(kind=ImportRow.Kind.REFUSED)
    return list(rows.values_list("line", "column", "reason"))


NUMBERS = "number;label;provider account;default queue;flow;in service from;in service until\n"


@pytest.mark.portable
def test_a_range_is_one_line_and_becomes_its_numbers(supervisor_client: Client) -> None:
    page = handed_in(
        supervisor_client,
        "numbers",
        NUMBERS + "+3902555 00-99;Milan;twilio-it;everyone;Priority customers;2026-03-01;2027-02-28\n",
    )
    assert latest().state == "ready"
    assert counted() == (100, 0, 0, 0)
    assert not Number.objects.exists(), "a look alters nothing"
    assert "Import now" in page.content.decode()
    assert "100 rows were imported" in press(supervisor_client, confirm="1")
    assert Number.objects.count() == 100
    last = Number.objects.get(address="+390255599")
    assert (last.label, last.flow, last.in_service_until) == ("Milan", Flow.objects.get(), date(2027, 2, 28))
    assert latest().rows.filter(before=None).count() == 0, "what is kept is the way back"
    assert LogEntry.objects.get().change_message == "Imported: 100 new, 0 changed, 0 left out."


def test_few_lines_about_many_numbers_are_left_to_the_worker(supervisor_client: Client) -> None:
    lines = [f"+39025{n} 000-600;Milan;twilio-it;everyone;;;" for n in (5, 6)]
    hand_in(supervisor_client, "numbers", NUMBERS + "\n".join(lines[:1]))
    assert latest().is_small
    hand_in(supervisor_client, "numbers", NUMBERS + "\n".join(lines))
    assert not latest().is_small


def test_what_would_change_is_shown_before_it_does(supervisor_client: Client) -> None:
    queue, account = Queue.objects.get(), ProviderAccount.objects.get()
    number = Number.objects.create(account=account, address="+390255501", label="Old", default_queue=queue)
    Number.objects.create(account=account, address="+390255502", label="As it was", default_queue=queue)
    text = "number,label\n+39 02 55501,New\n+390255502,As it was\n+390255503,Unheard of\n"
    page = handed_in(supervisor_client, "numbers", text).content.decode()
    assert counted() == (0, 1, 1, 1)
    assert "<bdi>Old</bdi>" in page
    assert "<bdi>New</bdi>" in page
    assert [(line, column) for line, column, _reason in refusals()] == [(4, "account")]
    assert "Some lines were refused" in press(supervisor_client, confirm="1")
    number.refresh_from_db()
    assert number.label == "Old"
    send(supervisor_client, confirm="1", leave_refused="on")
    number.refresh_from_db()
    assert (number.label, number.default_queue) == ("New", queue), "an absent column says nothing"
    listed = supervisor_client.get(reverse("tables_refused", args=[latest().pk]))
    lines = list(csv.reader(io.StringIO(b"".join(listed).decode("utf-8-sig"))))
    assert lines[1][:2] == ["4", "Provider account"]
    assert lines[1][-2:] == ["'+390255503", "Unheard of"]


def test_lines_that_cannot_be_used_are_named_with_column_and_reason(supervisor_client: Client) -> None:
    rest = ";Hotline;twilio-it;everyone;;;\n"
    bad = ["3.90255E+11", "212345678", "+390255500000..99999", "=1+1", "<script>alert(1)</script>", ""]
    page = handed_in(supervisor_client, "numbers", NUMBERS + "".join(f"{each}{rest}" for each in bad))
    said = [reason for _line, _column, reason in refusals()]
    assert [(line, column) for line, column, _reason in refusals()] == [(line, "address") for line in range(2, 8)]
    for words, reason in zip(("shortened", "first 0", "more than 1000", *["not a telephone"] * 3), said, strict=True):
        assert words in reason
    assert "<script>alert" not in page.content.decode()


def test_numbers_twice_in_the_file_are_named_with_their_line(supervisor_client: Client) -> None:
    rest = ";Hotline;twilio-it;everyone;;;\n"
    hand_in(supervisor_client, "numbers", NUMBERS + f"+390255500..09{rest}+390255505..14{rest}")
    assert counted() == (15, 0, 0, 5)
    assert {(line, said) for line, _column, said in refusals()} == {(3, "stands in line 2 already")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "The file is empty", id="an empty file"),
        pytest.param(b"number;label\n", "nothing below the header", id="a header alone"),
        pytest.param(b"%PDF-1.7 ...", "PDF", id="a PDF"),
    ],
)
def test_what_is_no_table_is_refused_in_words(supervisor_client: Client, content: bytes, said: str) -> None:
    page = handed_in(supervisor_client, "numbers", content).content.decode()
    assert said in page
    assert not TableImport.objects.exists()
    assert not list(files.folder().iterdir()), "nothing is left of it"


def test_a_file_that_is_too_large_is_refused_by_its_size(
    supervisor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "LARGEST", 1_000_000)
    page = handed_in(supervisor_client, "numbers", b"1" * 3_000_000)
    assert page.status_code == 413
    assert "At most 50 MB" in page.content.decode()
    assert not list(files.folder().iterdir())


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";")])
def test_csv_is_read_as_spreadsheets_save_it(supervisor_client: Client, encoding: str, delimiter: str) -> None:
    text = f"name;phone number\nCaffè Rosa;{ROSA}\n".replace(";", delimiter)
    hand_in(supervisor_client, "customers", text.encode(encoding))
    send(supervisor_client, confirm="1")
    assert Customer.objects.get().name == "Caffè Rosa"
    assert Handle.objects.get().value == ROSA


def test_a_sheet_is_chosen_where_there_are_several(supervisor_client: Client) -> None:
    book = workbook(["number", "label", "colour"], [390255501, "Hotline", "red"], sheets=("Notes", "Numbers"))
    page = handed_in(supervisor_client, "numbers", book, "numbers.xlsx").content.decode()
    assert latest().state == "uploaded"
    assert "colour" in page
    send(supervisor_client, sheet="Numbers")
    assert latest().sheet == "Numbers"
    columns = {"column-0": "address", "column-1": "label", "column-2": ""}
    assert "mean nothing here" in press(supervisor_client, sheet="Numbers", **columns)
    send(supervisor_client, sheet="Numbers", leave_out="on", **columns)
    assert latest().state == "ready"


@pytest.mark.portable
def test_customers_change_as_by_a_sync(supervisor_client: Client) -> None:
    gold, silver = LoyaltyTier.objects.get(slug="gold"), LoyaltyTier.objects.get(slug="silver")
    AttributeDefinition.objects.create(key="shoe_size", label="Shoe size", type="number")
    rosa = Customer.objects.create(name="Rosa", tier=silver, plan="basic")
    Handle.objects.create(customer=rosa, kind="phone", value=ROSA)
    Change.objects.all().delete()
    text = (
        "Name,Loyalty tier,Phone number,Shoe size,Account manager\n"
        f"Rosa,Gold,347 1234567,38,\nCarlo,silver,{CARLO},,anna\n,,,,\nNobody,gold,,,\nBad,bronze,+39347000000,,\n"
    )
    handed_in(supervisor_client, "customers", text)
    assert counted() == (1, 1, 0, 2)
    assert [line for line, _column, _reason in refusals()] == [5, 6]
    send(supervisor_client, confirm="1", leave_refused="on")
    rosa.refresh_from_db()
    assert (rosa.tier, rosa.plan, rosa.attributes) == (gold, "basic", {"shoe_size": 38})
    carlo = Customer.objects.get(name="Carlo")
    assert (carlo.tier, carlo.account_manager) == (silver, "anna")
    moved = TierChange.objects.get()
    assert (moved.customer, moved.old_tier, moved.new_tier, moved.cause) == (rosa, "silver", "gold", "import")
    told = set(Change.objects.filter(topic="facts").values_list("key", flat=True))
    assert told == {f"phone:{ROSA}", f"phone:{CARLO}"}


def test_erased_people_do_not_come_back(supervisor_client: Client) -> None:
    suppression.suppress([suppression.of_address("phone", ROSA)])
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa,{ROSA}\n")
    assert counted() == (0, 0, 0, 1)
    assert "erased" in refusals()[0][2]
    assert not ImportRow.objects.filter(label__contains="Rosa").exists()


def test_who_is_erased_between_the_look_and_the_import_stays_away(supervisor_client: Client) -> None:
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa,{ROSA}\nCarlo,{CARLO}\n")
    suppression.suppress([suppression.of_address("phone", ROSA)])
    assert "1 row was imported" in press(supervisor_client, confirm="1")
    assert Customer.objects.get().name == "Carlo"


@pytest.mark.portable
def test_queues_of_one_file_may_point_to_each_other(supervisor_client: Client) -> None:
    head = "name,short name,phone system,extension,overflow to\n"
    head = head.replace("extension", '"extension, number or name"')
    handed_in(supervisor_client, "queues", f"{head}VIP,vip,PBX,8100,gold\nGold,gold,PBX,8101,everyone\n")
    assert counted() == (2, 0, 0, 0)
    send(supervisor_client, confirm="1")
    assert Queue.objects.get(slug="vip").overflow_to == Queue.objects.get(slug="gold")
    handed_in(supervisor_client, "queues", "short name,overflow to\neveryone,vip\n")
    assert counted() == (0, 0, 0, 1)
    assert "circles" in refusals()[0][2]


def test_a_circle_within_one_file_alters_nothing(supervisor_client: Client) -> None:
    head = 'name,short name,phone system,"extension, number or name",overflow to\n'
    hand_in(supervisor_client, "queues", f"{head}A,a,PBX,8100,b\nB,b,PBX,8101,a\n")
    assert "circles" in press(supervisor_client, confirm="1")
    assert latest().state == "failed"
    assert Queue.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(f"{'x' * 10_000},{ROSA}", "longer than 160", id="a name of 10,000 letters"),
        pytest.param(f"{'x' * 10_001},{ROSA}", "longer than 10000", id="a field that is too long to be read"),
        pytest.param(f"Rosa,{ROSA},more", "3 columns instead of 2", id="a line with a column too many"),
        pytest.param("Rosa,3.9E+11", "shortened", id="a number that Excel has shortened"),
        pytest.param("Rosa,hello", "not a telephone number", id="no number at all"),
    ],
)
def test_a_bad_line_of_customers_is_refused_and_the_others_are_not(
    supervisor_client: Client, line: str, said: str
) -> None:
    hand_in(supervisor_client, "customers", f"name,phone number\n{line}\nCarlo,{CARLO}\n")
    assert counted() == (1, 0, 0, 1)
    assert said in refusals()[0][2]


def test_a_number_outside_its_dates_is_found_and_not_called_silent() -> None:
    queue, account, now = Queue.objects.get(), ProviderAccount.objects.get(), timezone.now()
    dates = {"in service": {}, "to come": {"in_service_from": now.date() + timedelta(days=2)}}
    dates["gone"] = {"in_service_until": now.date() - timedelta(days=2)}
    for place, (label, given) in enumerate(dates.items()):
        address = f"+3902555{place}"
        Number.objects.create(account=account, default_queue=queue, label=label, address=address, **given)
        NumberUse.objects.create(key=f"voice:{address}", live_since=now - timedelta(days=90))
    assert {each.label for each in number_use.silent(now)} == {"in service"}
    assert {each.label for each in number_use.out_of_service(now)} == {"to come", "gone"}
    words = number_use.words_of(Number.objects.order_by("address"))
    assert [said.partition(" ")[0] for said in words.values()] == ["Waiting", "In", "Its"]


@pytest.mark.portable
def test_one_import_at_a_time_for_each_table(supervisor_client: Client, supervisor: User) -> None:
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa,{ROSA}\n")
    other = TableImport.objects.create(table="customers", asked_by=supervisor, language="en", state="applying")
    assert "Somebody else" in press_on(supervisor_client, "list.csv")
    TableImport.objects.filter(pk=other.pk).update(state="done", finished_at=timezone.now())
    assert "meanwhile" in press_on(supervisor_client, "list.csv")
    assert "1 row was imported" in press_on(supervisor_client, "list.csv")


def press_on(client: Client, name: str) -> str:
    job = TableImport.objects.get(file_name=name)
    return client.post(reverse("tables_import", args=[job.pk]), {"confirm": "1"}, follow=True).content.decode()


@pytest.mark.portable
@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_a_large_file_goes_in_steps_and_can_be_cancelled(
    supervisor_client: Client, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    monkeypatch.setattr(imports, "SMALL", 2)
    monkeypatch.setattr(imports, "BATCH", 2)
    lines = [["name", "phone number"], *([f"Customer {n}", f"+39347123456{n}"] for n in range(5))]
    content = workbook(*lines) if fmt == "xlsx" else "\n".join(map(",".join, lines)).encode()
    hand_in(supervisor_client, "customers", content, f"people.{fmt}")
    job = latest()
    assert job.state == "reading"
    while imports.step(job.pk, deadline=0.0):
        pass
    assert (latest().state, counted()) == ("ready", (5, 0, 0, 0))
    send(supervisor_client, confirm="1")
    assert imports.step(job.pk, deadline=0.0)
    assert Customer.objects.count() == 2
    assert supervisor_client.get(reverse("tables_import_progress", args=[job.pk])).json()["share"] == 0.4
    assert "What was imported until then stays" in press(supervisor_client, cancel="1")
    assert not imports.step(job.pk, deadline=0.0)
    assert Customer.objects.count() == 2
    assert not list(files.folder().iterdir()), "its file is gone at once"


def test_nobody_else_comes_near(
    stranger_client: Client, auditor_client: Client, supervisor_client: Client, admin_client: Client
) -> None:
    hand_in(supervisor_client, "customers", f"name,phone number\nRosa,{ROSA}\n")
    own = reverse("tables_import", args=[latest().pk])
    assert "Only supervisor can go on" in admin_client.post(own, {"confirm": "1"}, follow=True).content.decode()
    for page in (own, reverse("tables_hand_in", args=["customers"])):
        assert auditor_client.post(page, {"confirm": "1"}).status_code == 403
        assert stranger_client.post(page, {"confirm": "1"}).status_code == 302
    assert not Customer.objects.exists()


@pytest.mark.parametrize("table", ["numbers", "customers", "queues"])
def test_the_list_leads_to_both(supervisor_client: Client, auditor_client: Client, table: str) -> None:
    model = {"numbers": "routing_number", "customers": "customers_customer", "queues": "queues_queue"}[table]
    page = reverse(f"admin:{model}_changelist")
    text = supervisor_client.get(page).content.decode()
    assert reverse("tables_hand_in", args=[table]) in text
    assert reverse("tables_export", args=[table]) in text
    assert reverse("tables_hand_in", args=[table]) not in auditor_client.get(page).content.decode()
