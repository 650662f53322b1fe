"""Dates in English as the other five languages have them: the day first, and a clock of 24 hours.

Django's own end in “p.m.”, which a sentence then ends twice.
"""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
