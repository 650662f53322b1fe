"""The guided set-up: what was typed stays, nothing is made twice, and each step counts with its author's rights."""

import json
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from contactcenter.accounts import roles
from contactcenter.accounts.models import User
from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided import asking
from contactcenter.guided.making import form_of
from customers import sync
from customers.models import CrmConnection, Customer, LoyaltyTier, SyncRun, UploadedList
from queues.models import PhoneSystem, Queue
from routing.models import Branch, Flow, Number, ProviderAccount, Release, SampleCall
from tests.people import logged_in
from tests.portal.page_forms import fields_of
from tests.portal.test_home import of_role

pytestmark = pytest.mark.django_db

BEGIN = "/admin/set-up/"
NUMBER = "+390255512345"
VIP_CALLS, ITALIAN_WAY = "+393471234501", "347 1234502"


@pytest.fixture
def account(db: None) -> ProviderAccount:
    return ProviderAccount.objects.create(name="Own SBC", slug="own-sbc", dialect="native")


def number_step(account: ProviderAccount, **more: Any) -> dict[str, Any]:
    return {
        "address": "+39 02 555 12345",
        "label": "Service hotline",
        "account": account.pk,
        "time_zone": "Europe/Rome",
        "go": "next",
    } | more


def queues_step(**more: Any) -> dict[str, Any]:
    typed = {"system": "", "name": "Head office", "kind": "asterisk", "hosts": "pbx.example.net"}
    return typed | {"vip": "8001", "priority": "8002", "standard": "8003", "go": "next"} | more


def customers_step(**more: Any) -> dict[str, Any]:
    return {"vip": ["gold"], "priority": ["silver"], "how": "colleague", "text": "", "go": "next"} | more


def usually(step: str, account: ProviderAccount) -> dict[str, Any]:
    """What a step is answered with."""
    return {"number": number_step(account), "queues": queues_step(), "customers": customers_step()}[step]


def address(step: str) -> str:
    return reverse("guided_step", args=[GuidedSetUp.objects.get().pk, step])


def press(client: Client, step: str, data: dict[str, Any], then: str = "") -> str:
    """Send a step; `then` is the step that must follow, else the page with what is wrong comes back."""
    response = client.post(address(step), data)
    if then:
        assert response.status_code == 302, response.content.decode()[-3000:]
        assert response["Location"] == address(then)
        return ""
    assert response.status_code == 200
    return str(response.content.decode())


def answered(client: Client, account: ProviderAccount, **customers: Any) -> None:
    """All three steps that ask."""
    assert client.post(BEGIN, number_step(account)).status_code == 302
    press(client, "queues", queues_step(), then="customers")
    press(client, "customers", customers_step(**customers), then="publish")


def read_lists() -> None:
    for run in SyncRun.objects.filter(state__in=SyncRun.UNFINISHED):
        for _step in range(20):
            sync.step(run.pk, monotonic() + 20)


def somebody(role: str) -> Client:
    return logged_in(of_role(role))


def test_looking_at_it_begins_nothing(supervisor_client: Client, account: ProviderAccount) -> None:
    assert "Four short steps" in supervisor_client.get(BEGIN).content.decode()
    assert not GuidedSetUp.objects.exists()


def test_it_makes_what_callers_need_once(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    assert not Queue.objects.exists()
    page = supervisor_client.get(address("publish")).content.decode()
    assert "8001 on Head office" in page
    assert f"http://testserver{reverse('admin:customers_crmconnection_add')}" in page, "for the colleague"
    for _press in range(2):
        press(supervisor_client, "publish", {"go": "make"}, then="publish")
    assert [queue.voice_address for queue in Queue.objects.all()] == ["8001", "8002", "8003"]
    flow, number = Flow.objects.get(), Number.objects.get()
    assert (number.address, number.flow, number.default_queue.slug) == (NUMBER, flow, "standard")
    assert list(Branch.objects.values_list("slug", "queue__slug")) == [("vip", "vip"), ("priority", "priority")]
    assert [call.expected.slug for call in SampleCall.objects.all()] == ["vip", "priority", "standard"]
    assert list(LoyaltyTier.objects.values_list("slug", flat=True)) == ["gold", "silver", "bronze"]
    page = supervisor_client.get(address("publish")).content.decode()
    assert "Gold customer calls" in page
    assert "Goes to VIP." in page


def test_it_is_published_once_and_is_over_then(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    publish = address("publish")
    supervisor_client.post(publish, {"go": "make"})
    form = supervisor_client.get(publish).context["publish_form"]
    stale = {"go": "publish", "note": "First", "seen": "0" * 64, "live": ""}
    assert "Somebody changed the draft" in supervisor_client.post(publish, stale).content.decode()
    nothing = supervisor_client.post(publish, stale | {"note": "", "seen": form.initial["seen"]})
    assert nothing.context["publish_form"].errors["note"]
    ready = stale | {"seen": form.initial["seen"]}
    done = supervisor_client.post(publish, ready)
    assert done["Location"] == reverse("guided_done", args=[Number.objects.get().pk])
    assert "Release 1 is live" in supervisor_client.get(done["Location"]).content.decode()
    assert supervisor_client.post(publish, ready)["Location"] == reverse("admin:index")
    assert Release.objects.count() == 1
    assert not GuidedSetUp.objects.exists()


def test_changes_of_others_stay_in_the_draft(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    supervisor_client.post(address("publish"), {"go": "make"})
    Queue.objects.create(name="Somebody else's", slug="other", priority_class=5)
    initial = supervisor_client.get(address("publish")).context["publish_form"].initial
    sent = {"go": "publish", "note": "First", "seen": initial["seen"], "live": ""}
    assert supervisor_client.post(address("publish"), sent).status_code == 302
    live = json.loads(Release.objects.get().document)
    assert sorted(live["queues"]) == ["priority", "standard", "vip"]
    assert sorted(live["tiers"]) == ["bronze", "gold", "silver"], "the usual ones: nothing of the set-up is left over"


@pytest.mark.parametrize(
    ("step", "typed", "field", "words"),
    [
        pytest.param("number", {"account": ""}, "account", "required", id="no telephone line"),
        pytest.param("number", {"label": ""}, "label", "required", id="a number without a name"),
        pytest.param("number", {"time_zone": "Moon"}, "time_zone", "valid choice", id="an unknown time zone"),
        pytest.param("queues", {"hosts": "not a host"}, "hosts", "is not a SIP host", id="a host that is none"),
        pytest.param("queues", {"hosts": ""}, "hosts", "at least one host", id="no host where calls are sent to one"),
        pytest.param("queues", {"name": ""}, "name", "cannot be blank", id="a phone system without a name"),
        pytest.param("queues", {"vip": "80 01"}, "vip", "An extension such as", id="an extension with a blank"),
        pytest.param("queues", {"standard": "8002"}, "standard", "of its own", id="one extension twice"),
        pytest.param("queues", {"kind": "abacus"}, "kind", "valid choice", id="an unknown kind"),
        pytest.param("customers", {"vip": []}, "vip", "required", id="nobody is VIP"),
        pytest.param("customers", {"priority": ["gold"]}, "priority", "VIP already", id="a tier in two queues"),
        pytest.param("customers", {"how": "feed"}, "how", "No CRM is connected", id="a CRM that is not there"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    step: str, typed: dict[str, Any], field: str, words: str, supervisor: User, account: ProviderAccount
) -> None:
    sent = QueryDict(urlencode(usually(step, account) | typed, doseq=True))
    errors = form_of(GuidedSetUp(begun_by=supervisor), step, supervisor, sent).errors
    assert list(errors) == [field]
    assert words in str(errors[field])


@pytest.mark.parametrize(
    ("step", "typed", "field", "words"),
    [
        pytest.param("number", {"address": "5"}, "address", "country code", id="a number without a country"),
        pytest.param("queues", {"vip": "8" * 10_000}, "vip", "at most 64", id="an endless extension"),
        pytest.param("customers", {"how": "list"}, "text", "Paste the list here", id="a list that is not there"),
        pytest.param(
            "customers",
            {"how": "list", "text": "nobody\nno one"},
            "text",
            "Say which column",
            id="a list of nobody",
        ),
    ],
)
def test_the_step_comes_back_with_what_is_wrong_and_with_what_was_typed(
    step: str, typed: dict[str, Any], field: str, words: str, supervisor_client: Client, account: ProviderAccount
) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    response = supervisor_client.post(address(step), usually(step, account) | typed)
    errors, page = response.context["form"].errors, response.content.decode()
    assert list(errors) == [field]
    assert words in str(errors[field])
    assert str(errors[field]) in page
    assert fields_of(page)[field] == [typed.get(field, "")]
    assert GuidedSetUp.objects.get().answers[step]["whole"] is False


def test_half_filled_and_next_day_it_goes_on_where_one_was(supervisor: User, account: ProviderAccount) -> None:
    monday, tuesday = Client(), Client()
    monday.force_login(supervisor)
    monday.post(BEGIN, number_step(account))
    press(monday, "queues", {"name": "Half <b>", "vip": "80", "go": "number"}, then="number")
    assert 'value="+39 02 555 12345"' in monday.get(address("number")).content.decode()
    tuesday.force_login(supervisor)
    assert tuesday.get(BEGIN)["Location"] == address("queues")
    page = tuesday.get(address("queues")).content.decode()
    assert 'value="Half &lt;b&gt;"' in page
    assert 'value="80"' in page
    assert "errorlist" not in page


def test_a_field_that_was_left_is_kept_at_once(supervisor_client: Client, account: ProviderAccount) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    response = supervisor_client.post(address("queues"), {"hosts": "pbx.example.net", "go": "keep"})
    assert response.status_code == 204
    assert "pbx.example.net" in supervisor_client.get(address("queues")).content.decode()


@pytest.mark.parametrize(
    ("turns", "kept"),
    [
        pytest.param(("5.2", "5.1"), "second", id="overtaken on the same page"),
        pytest.param(("5.2", "4.9"), "second", id="from a page that was left"),
        pytest.param(("5.2", "5.3"), "first", id="in its turn"),
        pytest.param(("5.2", "6.1"), "first", id="from the next page"),
    ],
)
def test_what_was_typed_before_but_arrives_later_takes_nothing_back(
    supervisor_client: Client, account: ProviderAccount, turns: tuple[str, str], kept: str
) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    for name, turn in zip(("second", "first"), turns, strict=True):
        typed = {"hosts": f"{name}.example.net", "turn": turn, "go": "keep"}
        assert supervisor_client.post(address("queues"), typed).status_code == 204
    assert f"{kept}.example.net" in supervisor_client.get(address("queues")).content.decode()


def test_a_list_is_read_once_however_often_it_is_handed_in(supervisor_client: Client, account: ProviderAccount) -> None:
    text = f"Name,Phone\nAda,{VIP_CALLS}\nBo,{ITALIAN_WAY}\n"
    supervisor_client.post(BEGIN, number_step(account))
    for _press in range(2):
        press(supervisor_client, "customers", customers_step(how="list", text=text), then="publish")
    assert (CrmConnection.objects.count(), SyncRun.objects.count()) == (1, 1)
    read_lists()
    assert set(Customer.objects.values_list("tier__slug", "handles__value")) == {
        ("gold", VIP_CALLS),
        ("gold", "+393471234502"),
    }
    assert VIP_CALLS not in str(GuidedSetUp.objects.get().answers)
    assert "A list with 2 customers was handed in" in supervisor_client.get(address("customers")).content.decode()


def test_lines_that_cannot_be_used_are_shown_before_the_others_are_read(
    supervisor_client: Client, account: ProviderAccount
) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    file = SimpleUploadedFile("vip.csv", f"Phone\n{VIP_CALLS}\nno number\n".encode())
    page = press(supervisor_client, "customers", customers_step(how="list", file=file))
    assert "1 of 2 lines can be used." in page
    assert not SyncRun.objects.exists()
    assert VIP_CALLS in supervisor_client.get(address("customers")).content.decode(), "it is kept for an hour"
    kept = UploadedList.objects.get().content
    press(supervisor_client, "customers", customers_step(how="list", text=kept, go="accept"), then="publish")
    assert SyncRun.objects.count() == 1


def test_extensions_of_queues_that_are_there_are_used(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    supervisor_client.post(address("publish"), {"go": "make"})
    GuidedSetUp.objects.all().delete()
    supervisor_client.post(BEGIN, number_step(account, address="+390255599999", label="Second line"))
    system = PhoneSystem.objects.get()
    one_of_three = press(supervisor_client, "queues", queues_step(system=system.pk, standard="8009"))
    assert "is that of queue “VIP”" in one_of_three
    press(supervisor_client, "queues", queues_step(system=system.pk), then="customers")
    press(supervisor_client, "customers", customers_step(), then="publish")
    supervisor_client.post(address("publish"), {"go": "make"})
    assert Queue.objects.count() == 3
    assert {number.default_queue.slug for number in Number.objects.all()} == {"standard"}


def test_names_that_are_taken_begin_with_the_line(supervisor_client: Client, account: ProviderAccount) -> None:
    Queue.objects.create(name="VIP", slug="vip")
    answered(supervisor_client, account)
    supervisor_client.post(address("publish"), {"go": "make"})
    assert Queue.objects.filter(name="Service hotline VIP", voice_address="8001").exists()


def test_a_number_that_leads_somewhere_is_refused(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    supervisor_client.post(address("publish"), {"go": "make"})
    GuidedSetUp.objects.all().delete()
    response = supervisor_client.post(BEGIN, number_step(account))
    assert "leads into the flow “Service hotline” already" in str(response.context["form"].errors["address"])


def test_what_changed_meanwhile_is_asked_again(supervisor_client: Client, account: ProviderAccount) -> None:
    answered(supervisor_client, account)
    account.is_enabled = False
    account.save()
    assert supervisor_client.post(address("publish"), {"go": "make"})["Location"] == address("number")
    assert not Flow.objects.exists()


def test_without_a_telephone_line_it_says_whom_to_ask(account: ProviderAccount) -> None:
    account.delete()
    supervisor, integrator = somebody(roles.SUPERVISOR), somebody(roles.INTEGRATOR)
    page = supervisor.get(BEGIN).content.decode()
    assert "No telephone line connected: ask your integrator" in page
    assert reverse("admin:routing_provideraccount_add") in page
    assert "then come back here" in integrator.get(BEGIN).content.decode()


def test_a_colleague_answers_just_his_step_with_his_rights(account: ProviderAccount) -> None:
    supervisor, integrator = somebody(roles.SUPERVISOR), somebody(roles.INTEGRATOR)
    supervisor.post(BEGIN, number_step(account))
    page = supervisor.get(address("queues")).content.decode()
    assert "Your integrator answers this step" in page
    assert f"http://testserver{address('queues')}" in page
    assert supervisor.post(address("queues"), queues_step()).status_code == 403
    asked = integrator.get(address("queues")).content.decode()
    assert "A colleague has asked you" in asked
    assert integrator.post(address("queues"), queues_step())["Location"] == reverse("admin:index")
    press(supervisor, "customers", customers_step(how="colleague"), then="publish")
    assert integrator.post(address("publish"), {"go": "make"}).status_code == 403
    press(supervisor, "publish", {"go": "make"}, then="publish")
    assert PhoneSystem.objects.get().hosts == "pbx.example.net"
    assert "Your publisher makes it live" in supervisor.get(address("publish")).content.decode()
    assert supervisor.post(address("publish"), {"go": "publish"}).status_code == 403


def test_the_stranger_and_the_auditor_set_nothing_up(
    supervisor_client: Client, stranger_client: Client, auditor_client: Client, account: ProviderAccount
) -> None:
    answered(supervisor_client, account)
    for step, go in (("number", "next"), ("queues", "next"), ("customers", "next"), ("publish", "make")):
        assert stranger_client.get(address(step)).status_code == 302
        assert stranger_client.post(address(step), {"go": "make"})["Location"].startswith(reverse("admin:login"))
        assert auditor_client.post(address(step), {"go": go}).status_code == 403
    assert not Flow.objects.exists()


def test_a_list_without_bounds_is_refused_in_words(supervisor_client: Client, account: ProviderAccount) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    file = SimpleUploadedFile("vip.csv", b"x" * (12 * 1024 * 1024))
    response = supervisor_client.post(address("customers"), customers_step(how="list", file=file))
    assert response.status_code == 413
    assert "The list is too large" in response.content.decode()


def test_the_first_page_offers_no_link_before_there_is_anything_to_open(
    supervisor_client: Client, account: ProviderAccount
) -> None:
    assert "guided-link" not in supervisor_client.get(BEGIN).content.decode()
    supervisor_client.post(BEGIN, number_step(account))
    assert "guided-link" in supervisor_client.get(address("number")).content.decode()


@pytest.fixture
def integrator(settings: Any) -> User:
    """Somebody to ask, in a portal that sends mail."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    person = of_role(roles.INTEGRATOR)
    person.email = "ivo@example.com"
    person.save()
    return person


def test_a_colleague_is_asked_by_mail_for_just_that_step(
    account: ProviderAccount, integrator: User, mailoutbox: list[Any]
) -> None:
    begun = somebody(roles.SUPERVISOR)
    begun.post(BEGIN, number_step(account))
    page = begun.get(address("queues"))
    assert list(page.context["colleagues"]) == [integrator]
    ask = page.context["ask"]
    told = begun.post(ask, {"colleague": integrator.pk}, follow=True).content.decode()
    assert "The link was sent to" in told
    (sent,) = mailoutbox
    assert sent.to == ["ivo@example.com"]
    assert f"http://testserver{address('queues')}" in sent.body
    for nobody in ("", "0", "x" * 50, str(begun.session["_auth_user_id"])):
        assert "Choose a colleague" in begun.post(ask, {"colleague": nobody}, follow=True).content.decode()
    assert logged_in(integrator).post(ask, {"colleague": integrator.pk}).status_code == 404, "not his set-up"
    assert len(mailoutbox) == 1


def test_whoever_connects_the_line_is_asked_for_that_page(integrator: User, mailoutbox: list[Any]) -> None:
    person = of_role(roles.SUPERVISOR)
    begun = logged_in(person)
    set_up = GuidedSetUp.objects.create(begun_by=person)
    begun.post(reverse("guided_ask", args=[set_up.pk, "number"]), {"colleague": integrator.pk})
    assert reverse("admin:routing_provideraccount_add") in mailoutbox[0].body


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        pytest.param({}, {roles.SUPERVISOR, roles.PUBLISHER}, id="whoever makes drafts, while there is none"),
        pytest.param({"number": 1}, {roles.PUBLISHER}, id="whoever publishes, once there is one"),
    ],
)
def test_for_the_last_step_is_asked(integrator: User, made: dict[str, int], asked: set[str]) -> None:
    for each in (roles.SUPERVISOR, roles.PUBLISHER):
        User.objects.filter(pk=of_role(each).pk).update(email=f"{each}@example.com")
    set_up = GuidedSetUp.objects.create(begun_by=integrator, made=made)
    found = asking.colleagues(set_up, "publish", integrator)
    assert {person.email.partition("@")[0] for person in found} == asked


def test_without_mail_there_is_the_link_alone(supervisor_client: Client, account: ProviderAccount) -> None:
    supervisor_client.post(BEGIN, number_step(account))
    page = supervisor_client.get(address("queues")).content.decode()
    assert "guided-link" in page
    assert "Send it by e-mail" not in page
