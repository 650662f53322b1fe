"""Days and hours as people of each language write and type them; 3/11 is never taken for the eleventh of March."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.forms import DateField
from django.utils import translation
from django.utils.formats import date_format

MOMENT = datetime(2026, 11, 3, 14, 5)


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "3 November 2026", "3 November 2026, 14:05"),
        ("it", "3 novembre 2026", "3 novembre 2026, 14:05"),
        ("fr", "3 novembre 2026", "3 novembre 2026 14:05"),
        ("de", "3. November 2026", "3. November 2026 14:05"),
        ("id", "3 November 2026", "3 November 2026, 14:05"),
        ("ar", "3 نوفمبر 2026", "3 نوفمبر 2026، 14:05"),
    ],
)
def test_a_day_and_its_hour_are_written(language: str, day: str, moment: str) -> None:
    with translation.override(language):
        assert (date_format(MOMENT), date_format(MOMENT, "DATETIME_FORMAT")) == (day, moment)


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        *[pytest.param(each, "2026-11-03", id=f"{each}, year first") for each in ("en", "it", "fr", "de", "id", "ar")],
        *[pytest.param(each, "03/11/2026", id=f"{each}, day first") for each in ("it", "fr", "id", "ar")],
        pytest.param("de", "3.11.2026", id="de, with full stops"),
        pytest.param("en", "3 November 2026", id="en, as it is written"),
        pytest.param("en", "Nov 3, 2026", id="en, as Americans write it"),
    ],
)
def test_the_third_of_november_is_typed(language: str, typed: str) -> None:
    with translation.override(language):
        assert DateField(localize=True).clean(typed) == date(2026, 11, 3)


@pytest.mark.parametrize("typed", ["03/11/2026", "3/11/26", "13/11/2026", "11/13/2026"])
def test_in_english_a_month_that_may_be_a_day_is_not_taken(typed: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError):
        DateField(localize=True).clean(typed)
