"""A number of four hundred digits, forged into a choice, is no choice: never a traceback."""

from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Team
from queues.models import Queue

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

FAR = "9" * 400
IN_BETWEEN = str(2**63)


@pytest.mark.parametrize("forged", [FAR, f"-{FAR}", IN_BETWEEN], ids=["far above", "far below", "just too large"])
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        pytest.param(forms.ModelMultipleChoiceField, lambda far: [far], id="several choices"),
        pytest.param(forms.ModelChoiceField, lambda far: far, id="one choice"),
    ],
)
def test_a_number_beyond_all_bounds_is_no_choice(field: Any, typed: Any, forged: str) -> None:
    with pytest.raises(forms.ValidationError, match="not one of the available choices"):
        field(Team.objects.all()).clean(typed(forged))


def test_what_is_there_is_found_beside_a_number_beyond_all_bounds() -> None:
    team = Team.objects.create(name="Milan")
    assert list(Team.objects.filter(pk__in=[int(FAR), team.pk])) == [team]
    assert list(Team.objects.exclude(pk__in=[int(FAR)])) == [team]


def test_a_forged_tick_in_a_list_or_a_form_is_refused_in_words(admin_client: Client, admin_user: User) -> None:
    Queue.objects.create(name="VIP", slug="vip")
    ticked = {"action": "delete_selected", "_selected_action": FAR}
    assert admin_client.post(reverse("admin:queues_queue_changelist"), ticked).status_code in (200, 302)
    person = reverse("admin:accounts_user_change", args=[admin_user.pk])
    answer = admin_client.post(person, {"username": "admin", "is_active": "on", "teams": FAR, "groups": FAR})
    assert answer.content.decode().count("is not one of the available choices") == 2
