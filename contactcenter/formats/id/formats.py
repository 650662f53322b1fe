"""Dates in Indonesian: the month in full, and the clock with a colon, as the opening hours are written."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
