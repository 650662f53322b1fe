"""Pieces of which sentences are made, as the reader's language writes them: lists, names, shares, errors."""

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contactcenter.foundation.words import Said


def said(error: Said) -> str:
    """The words of an error of the pure core, translated; so is an error that stands in them."""
    if not error.values:
        return _(error.text)
    return _(error.text) % {
        name: said(value) if isinstance(value, Said) else value for name, value in error.values.items()
    }


def listed(names: Iterable[object]) -> str:
    """Names one after another: A, B, C."""
    return pgettext("between the parts of a list", ", ").join(map(str, names))


def chained(names: Iterable[object]) -> str:
    """Names of which each follows when the one before it fails: A, then B."""
    return reduce(lambda one, other: _("%(one)s, then %(other)s") % {"one": one, "other": other}, map(str, names))


def all_of(phrases: Iterable[str]) -> str:
    """What is true together: A and B; nothing of none."""
    return _both(_("%(one)s and %(other)s"), phrases)


def any_of(phrases: Iterable[str]) -> str:
    """Of which one is enough: A or B; nothing of none."""
    return _both(_("%(one)s or %(other)s"), phrases)


def named(name: object, value: object) -> str:
    """A name and what belongs to it: “Language: French”."""
    return _("%(name)s: %(value)s") % {"name": name, "value": value}


def percentage(number: str) -> str:
    """A number that counts hundredths, written as it should be shown already."""
    return _("%(number)s %%") % {"number": number}


def _both(words: str, phrases: Iterable[str]) -> str:
    first, *rest = [*phrases] or [""]
    return reduce(lambda one, other: words % {"one": one, "other": other}, rest, first)
