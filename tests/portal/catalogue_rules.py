"""What may be wrong with a translation: places that are lost, tags, blanks, line breaks, full stops, plural forms."""

import re
from collections.abc import Iterator

import polib

from tests.messages import forms_of

PLACE = re.compile(r"%\(\w+\)[#0\- +]?(?:\.\d+)?[a-z]|%[sdg]\b|%%|\{\w[\w.]*\}")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
ENDS = {".": ".", "…": "…", ":": ":", "?": "?؟", "!": "!"}
"""The marks that end an English text, and those that may end its translation."""
FOR_ONE_OR_TWO = {"ar": (0, 1, 2)}
"""Plural forms that say the number by a word where the language does so; elsewhere the first of two."""


def is_translated(entry: polib.POEntry, language: str) -> bool:
    """Whether every form that the language needs is there."""
    if entry.msgid_plural:
        return len(entry.msgstr_plural) == forms_of(language) and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def wrong(entry: polib.POEntry, language: str) -> list[str]:
    """All that is wrong with a translated entry, in words."""
    if not entry.msgid_plural:
        return [*_of_places(_places(entry.msgid), entry.msgstr), *_of_text(entry.msgid, entry.msgstr)]
    if len(entry.msgstr_plural) != forms_of(language):
        return [f"{len(entry.msgstr_plural)} plural forms, {forms_of(language)} are needed"]
    return [f"form {number}: {what}" for number, what in _of_forms(entry, language)]


def _of_forms(entry: polib.POEntry, language: str) -> Iterator[tuple[int, str]]:
    one, several = _places(entry.msgid), _places(entry.msgid_plural)
    for number, text in entry.msgstr_plural.items():
        by_a_word = FOR_ONE_OR_TWO.get(language, (0,) if forms_of(language) == 2 else ())
        fits = int(number) in by_a_word and sorted(set(_places(text))) == sorted(set(one))
        # English may leave the number out of its "one" where the translation keeps it.
        found = [] if fits else [*_of_places(several, text)]
        source = entry.msgid if int(number) in by_a_word else entry.msgid_plural
        yield from ((int(number), what) for what in (*found, *_of_text(source, text)))


def _places(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


def _of_places(wanted: list[str], text: str) -> Iterator[str]:
    if wanted != (found := _places(text)):
        yield f"places: {wanted} wanted, {found} found"


def _of_text(source: str, text: str) -> Iterator[str]:
    if sorted(TAG.findall(source)) != sorted(TAG.findall(text)):
        yield f"tags: {TAG.findall(source)} wanted, {TAG.findall(text)} found"
    if not text.strip():
        yield "nothing but blanks"
        return
    for end, wanted, found in (("beginning", source[0], text[0]), ("end", source[-1], text[-1])):
        if (wanted.isspace() or found.isspace()) and wanted != found:
            yield f"{end}: {wanted!r} wanted, {found!r} found"
    if source.count("\n") != text.count("\n"):
        yield f"line breaks: {source.count(chr(10))} wanted, {text.count(chr(10))} found"
    last = source.rstrip()[-1]
    if last in ENDS and text.rstrip()[-1] not in ENDS[last]:
        yield f"it must end with one of {ENDS[last]} as the English does"
    if last.isalnum() and text.rstrip()[-1] == ".":
        yield "the English has no full stop at its end"
