"""The way to a page names the menu's own lists, and no application behind them."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from routing.models import Release

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["accounts_user_history", "auth_user_password_change", "routing_release_history"])
def test_the_way_leads_from_home_to_the_list(page: str) -> None:
    lead = get_user_model().objects.create_superuser("lead")
    thing = Release.objects.create(number=1, document="{}", sha256="") if "release" in page else lead
    (client := Client()).force_login(lead)
    answer = client.get(reverse(f"admin:{page}", args=[thing.pk]))
    way = re.findall(
        r'<a href="([^"]+)"', answer.content.decode().partition('class="breadcrumbs"')[2].partition("</div>")[0]
    )
    lists = reverse("admin:routing_release_changelist" if "release" in page else "admin:accounts_user_changelist")
    assert way[:2] == [reverse("admin:index"), lists]
