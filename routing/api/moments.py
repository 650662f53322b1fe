"""Moments as our API takes them: ISO 8601 with a time zone, because nobody knows whose clock is meant without."""

from datetime import datetime
from typing import Any

from rest_framework import serializers


class Moment(serializers.DateTimeField):
    """A moment with its time zone."""

    def enforce_timezone(self, value: datetime) -> Any:
        if value.tzinfo is None:
            raise serializers.ValidationError("Give it with a time zone, such as 2026-11-23T09:00:00Z.")
        return super().enforce_timezone(value)
