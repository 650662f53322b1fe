"""Dates in Italian: the day without a nought before it, no weekday in a date, which a sentence may say itself."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
