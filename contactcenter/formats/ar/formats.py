"""Dates in Arabic: the day before the month, as it is spoken, and the clock of 24 hours of the opening hours."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y، H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
