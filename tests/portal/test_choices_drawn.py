"""Choices are drawn by a template of our own, which is quicker than Django's and says the same."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import override


class WithHints(forms.Select):
    """Gives each option attributes of its own, as some of the admin's do."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"] |= {"data-hint": 'a "hint"', "disabled": option["value"] == "b", "hidden": False}
        return option


CHOICES = [("", "---------"), ("a", "A <b>"), ("b", mark_safe("<i>B</i>")), (1234567, "a number"), (None, "nothing")]
GROUPED = [("VIP & co", [("v", "Very"), ("w", "Well")]), ("x", "alone")]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("widget", "value"),
    [
        pytest.param(forms.Select(choices=CHOICES), "a", id="one is chosen"),
        pytest.param(forms.Select(choices=CHOICES, attrs={"required": True, "data-x": "1"}), None, id="none is"),
        pytest.param(forms.Select(choices=CHOICES), 1234567, id="a key, which is no number for people"),
        pytest.param(forms.Select(choices=GROUPED), "w", id="in groups"),
        pytest.param(forms.SelectMultiple(choices=CHOICES), ["a", "b"], id="several"),
        pytest.param(forms.NullBooleanSelect(), True, id="yes, no or unknown"),
        pytest.param(WithHints(choices=CHOICES), "b", id="options with attributes"),
    ],
)
def test_choices_are_drawn_as_django_draws_them(widget: forms.Widget, value: Any, language: str) -> None:
    with override(language):
        ours, djangos = (
            " ".join(widget.render("queue", value, {"id": "id_queue"}, each).split())
            for each in (get_default_renderer(), DjangoTemplates())
        )
    assert ours == djangos
