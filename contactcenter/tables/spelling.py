"""How numbers are written in a column: ranges, any usual notation, and what a spreadsheet makes of them. Pure."""

import re

import phonenumbers

from customers.addresses import NO_COUNTRY, caller_address

LARGEST_RANGE = 1000

SHORT_CODE = re.compile(r"\d{3,6}", re.ASCII)
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"\d{6,}[.,]0+", re.ASCII)
_FROM_TO = re.compile(r"(?P<first>.*\d)\s*(?:\.\.+|…|\s[-–]\s|–)\s*(?P<last>\+?\d[\d ]*)")
_END = re.compile(r"(?P<first>[^-–]*\d)-(?P<last>\d{1,4})")
_TAIL = re.compile(r"(?P<head>[^-–]*\s)(?P<first>\d{1,3})-(?P<last>\d{1,3})")

SHORTENED, DECIMAL, PLUS_LOST, ZERO_LOST = "shortened", "decimal", "plus_lost", "zero_lost"
NOT_A_NUMBER, BACKWARDS, TOO_LARGE, UNEVEN = "not_a_number", "backwards", "too_large", "uneven"


class Misspelt(Exception):
    """This is no number, or none that can be trusted; `fault` says which of the faults above it has."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def spoilt(text: str, region: str) -> str:
    """What a spreadsheet has done to a phone number, one of the first four faults; "" for nothing."""
    bare = text.strip()
    if _SHORTENED.fullmatch(bare):
        return SHORTENED
    if _DECIMAL.fullmatch(bare):
        return DECIMAL
    digits = re.sub(r"[ ()./\-]", "", bare)
    if not digits.isdecimal() or SHORT_CODE.fullmatch(digits) or caller_address(bare, region or NO_COUNTRY):
        return ""
    if not digits.startswith("0") and region and _is_real(f"0{digits}", region):
        return ZERO_LOST
    return PLUS_LOST if not digits.startswith("0") and _is_real(f"+{digits}", NO_COUNTRY) else ""


def _is_real(text: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def phone(text: str, region: str) -> str:
    """The number as it is stored: E.164, or a short code as it is. Raises Misspelt."""
    if fault := spoilt(text, region):
        raise Misspelt(fault)
    bare = text.strip()
    if number := caller_address(bare, region or NO_COUNTRY):
        return number
    if SHORT_CODE.fullmatch(bare):
        return bare
    raise Misspelt(NOT_A_NUMBER)


def phones(text: str, region: str) -> list[str]:
    """The number in a cell, or all of a range: `+3902555 00-99`, `+390255500..99`, `+390255500 - +390255599`.

    A dash may stand in a number. Where the whole can be no number (`+39 02 5550 0000-0099`) it means “to”.
    """
    bare = text.strip()
    if tail := _TAIL.fullmatch(bare):
        if len(tail["first"]) == len(tail["last"]):
            return _between(tail["head"] + tail["first"], tail["last"], region)
    elif several := _FROM_TO.fullmatch(bare):
        return _between(several["first"], several["last"].replace(" ", ""), region)
    elif (end := _END.fullmatch(bare)) and not _is_real(bare, region or NO_COUNTRY):
        return _between(end["first"], end["last"], region)
    return [phone(bare, region)]


def _between(first: str, last: str, region: str) -> list[str]:
    """All from `first` to `last`; a short `last` replaces the end of the first."""
    begin = phone(first, region)
    whole = phone(last, region) if len(last) >= 7 else begin[: len(begin) - len(last)] + last
    if len(whole) != len(begin):
        raise Misspelt(UNEVEN)
    start, end = int(begin.lstrip("+")), int(whole.lstrip("+"))
    if end < start:
        raise Misspelt(BACKWARDS)
    if end - start >= LARGEST_RANGE:
        raise Misspelt(TOO_LARGE)
    sign, width = ("+" if begin.startswith("+") else ""), len(begin.lstrip("+"))
    return [f"{sign}{number:0{width}d}" for number in range(start, end + 1)]
