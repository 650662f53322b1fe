"""Moments as our API takes them: ISO 8601 with a time zone, because nobody knows whose clock is meant without."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

YEARS = range(2000, 2200)
"""Beyond lies what is a mistake, and in the end what no clock of another zone can show."""


class Moment(serializers.DateTimeField):
    """A moment of our days with its time zone."""

    def enforce_timezone(self, value: datetime) -> Any:
        if value.tzinfo is None:
            raise serializers.ValidationError("Give it with a time zone, such as 2026-11-23T09:00:00Z.")
        if value.year not in YEARS:
            raise serializers.ValidationError(f"The year lies between {YEARS[0]} and {YEARS[-1]}.")
        return super().enforce_timezone(value)
