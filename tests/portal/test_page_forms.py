"""What tests send back from a page is what a browser would."""

import pytest

from tests.portal.page_forms import fields_of


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        pytest.param("<input name=a value=1>", {"a": ["1"]}, id="a field"),
        pytest.param("<input name=a value=1 disabled>", {}, id="a disabled field"),
        pytest.param("<textarea name=a>\nwords</textarea>", {"a": ["words"]}, id="a text"),
        pytest.param("<textarea name=a disabled>words</textarea>", {}, id="a disabled text"),
        pytest.param("<select name=a><option value=1><option value=2 selected></select>", {"a": ["2"]}, id="a choice"),
        pytest.param("<select name=a disabled><option value=2 selected></select>", {}, id="a disabled choice"),
        pytest.param(
            "<select name=a multiple><option value=1 selected disabled><option value=2 selected></select>",
            {"a": ["2"]},
            id="a disabled option beside another",
        ),
        pytest.param(
            "<select name=a><option value=1 selected></select>"
            "<select name=b disabled><option value=2 selected></select>",
            {"a": ["1"]},
            id="a disabled choice after another",
        ),
    ],
)
def test_a_browser_would_send(page: str, sent: dict[str, list[str]]) -> None:
    assert fields_of(page) == sent
