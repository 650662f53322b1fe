"""The picture on the portal's pages: boxes open forms, words cannot become markup, the path of a trial is lit."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from queues.models import Queue
from routing.admin.flows import shown
from routing.models import Branch, BranchInterval, Flow, Number
from routing.picture.shares import shares
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    good_draft()
    return Flow.objects.get()


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_boxes_of_the_flow_open_what_they_show(admin_client: Client, flow: Flow) -> None:
    text = page(admin_client, f"/admin/routing/flow/{flow.pk}/change/")
    assert f'<a href="/admin/queues/queue/{Queue.objects.get(slug="vip").pk}/change/" aria-label="VIP.' in text
    assert f'<a href="/admin/routing/flow/{flow.pk}/change/#branches-1" aria-label="Silver.' in text
    assert text.count(f'class="way" href="/admin/routing/flow/{flow.pk}/change/#branches-1" tabindex="-1"') == 4, (
        "arrows too, to the branch and to its queue, on both sheets"
    )
    assert "The same as a table" in text


def test_a_label_stays_a_word(admin_client: Client, flow: Flow) -> None:
    Branch.objects.filter(slug="silver").update(label='<script>alert("1")</script>')
    text = page(admin_client, f"/admin/routing/flow/{flow.pk}/change/")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(" in text


def test_of_its_numbers_the_first_are_named_and_how_many_there_are(admin_client: Client, flow: Flow) -> None:
    queue, account = flow.last_path, flow.numbers.get(channel="voice").account
    Flow.objects.create(name="Other", slug="other", last_path=queue)
    Number.objects.bulk_create(
        Number(address=f"+39025550{n:04}", label=f"Line {n}", flow=flow, default_queue=queue, account=account)
        for n in range(3)
    )
    text = page(admin_client, f"/admin/routing/flow/{flow.pk}/change/")
    assert "Hotline: \u2066+390212345678\u2069. Line 0: \u2066+390255500000\u2069. and 3 more" in text
    assert list(shown(flow)["flows"]) == [flow.slug]
    assert len(shown(flow)["numbers"]) == 2
    assert (shown(None)["flows"], shown(None)["numbers"]) == ({}, {})


def test_a_new_flow_has_no_picture_yet(admin_client: Client, flow: Flow) -> None:
    assert "flow-picture" not in page(admin_client, "/admin/routing/flow/add/")


def test_a_trial_lights_up_the_way_it_took(admin_client: Client, flow: Flow) -> None:
    number = flow.numbers.get(channel="voice")
    text = page(admin_client, f"/admin/routing/flow/try/?number={number.pk}&caller=hidden&when=now&by=draft")
    assert 'class="sheet sheet-wide has-lit"' in text
    assert 'class="box box-last lit"' in text
    assert 'class="box box-branch lit"' in text, "the branches that were passed"
    assert "<title>A contact comes in. Hotline: \u2066+390212345678\u2069</title>" in text, "on the number called"


def test_whoever_may_not_open_a_form_gets_no_link_to_it(client: Client, flow: Flow, django_user_model: type) -> None:

    viewer = django_user_model.objects.create_user("viewer", is_staff=True)  # type: ignore[attr-defined]
    viewer.user_permissions.add(Permission.objects.get(codename="view_flow"))
    client.force_login(viewer)
    text = page(client, f"/admin/routing/flow/{flow.pk}/change/")
    assert "flow-picture" in text
    assert 'aria-label="VIP.' not in text


def test_last_weeks_shares_stand_on_the_arrows(admin_client: Client, flow: Flow) -> None:
    now = timezone.now()
    counted = {"gold-or-platinum": 20, "silver": 30, "last_path": 50}
    for branch, contacts in counted.items():
        BranchInterval.objects.create(starts_at=now, flow=flow.slug, branch=branch, contacts=contacts)
    BranchInterval.objects.create(starts_at=now - timedelta(days=8), flow=flow.slug, branch="silver", contacts=999)
    assert shares(flow.slug) == {"gold-or-platinum": 0.2, "silver": 0.3, "last_path": 0.5}
    text = page(admin_client, f"/admin/routing/flow/{flow.pk}/change/")
    assert "<td>30 %</td>" in text
    assert "The shares are those of last week" in text
