"""A language in which each word that is marked for translation stands in wide letters: what stays narrow is not marked.

It knows what `make messages` finds in our code and what the packages we use have translated into all of our languages.
"""

import gettext
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import polib
from django.apps import apps
from django.utils.translation import trans_real

from tests.messages import PLURALS, extracted

CONTEXT = "\x04"
HELD = re.compile(r"(%\(\w+\)\w|%[sd%]|\{\w*\}|<[^>]+>|&\w+;|https?://\S+)")
"""What a translation carries over as it is: placeholders, tags, entities."""
WIDE = {code: code + 0xFEE0 for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}


def widened(text: str) -> str:
    """The text with wide letters around what a translation leaves alone."""
    return "".join(part if at % 2 else part.translate(WIDE) for at, part in enumerate(HELD.split(text)))


class Pseudo(gettext.NullTranslations):
    """Stands in the place of a language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.known = language, ours() | of_packages()

    def to_language(self) -> str:
        return self.language

    def gettext(self, message: str) -> str:
        return widened(message.rpartition(CONTEXT)[2]) if message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1) if n == 1 or msgid1 not in self.known else widened(msgid2.rpartition(CONTEXT)[2])


def speak(monkeypatch: Any, language: str) -> None:
    """From here on pages in `language` are in wide letters."""
    trans_real.translation(language)  # so that it is there to be put back
    monkeypatch.setitem(vars(trans_real)["_translations"], language, Pseudo(language))


@cache
def ours() -> frozenset[str]:
    """What our code marks."""
    return frozenset(_keys(extracted()))


@cache
def of_packages() -> frozenset[str]:
    """What Django and the packages bring in every language of the portal."""
    roots = [Path(trans_real.__file__).parents[2] / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    brought = (
        {key for root in roots for key in _keys(_translated(root / "locale" / language / "LC_MESSAGES/django.mo"))}
        for language in PLURALS
    )
    return frozenset.intersection(*map(frozenset, brought))


def _translated(path: Path) -> Iterable[polib.POEntry]:
    return polib.mofile(str(path)) if path.exists() else ()


def _keys(entries: Iterable[polib.POEntry]) -> Iterable[str]:
    return (f"{each.msgctxt}{CONTEXT}{each.msgid}" if each.msgctxt else each.msgid for each in entries)
