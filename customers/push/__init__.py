"""What a CRM tells us as it happens. An event is a hint only: the record is read again by its id.

schemes.py (who signs how, and where in an event things stand), receiving.py (events are put down once),
waiting.py (whose turn it is), reading.py (the records are asked for), applying.py (they are applied, or held for
a person).
"""
