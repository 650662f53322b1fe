"""Every word of ours is there in every language: translated, with its places, in the terms of the glossary."""

import ast
import re
from datetime import datetime
from functools import cache

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from contactcenter.accounts.models import User
from tests import messages
from tests.messages import PLURALS, ROOT, extracted, path_of
from tests.portal.catalogue_rules import is_translated, wrong

LANGUAGES = sorted(PLURALS)
MARKS = {"_", *(keyword.partition(":")[0] for keyword in messages.KEYWORDS), "gettext", "pgettext"}
BEHIND_A_BRACE = re.compile(rf"\{{.*\b(?:{'|'.join(MARKS)})\(")
IN_BRACKETS = re.compile(r"\s*\(([^)]*)\)")

Key = tuple[str | None, str, str]


@cache
def marked() -> set[Key]:
    """What the code marks now."""
    return {key_of(each) for each in extracted()}


@cache
def catalogue(language: str) -> polib.POFile:
    """Read once: it takes longer than all that is asked of it."""
    return messages.catalogue(language)


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


@cache
def terms() -> dict[str, dict[str, set[str]]]:
    """By language: English term to the forms its translation may have, words to avoid left out."""
    rows = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in (ROOT / "docs/glossary.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    heads, *found = rows
    return {
        language: {IN_BRACKETS.sub("", row[0]).casefold(): forms(row[heads.index(language)]) for row in found}
        for language in heads[1:]
    }


def forms(cell: str) -> set[str]:
    """Of “sonst (alle anderen)” all three: with and without its brackets, and what is in them."""
    term = re.sub(r"\s*\(not [^)]*\)", "", cell)
    return {form.casefold() for form in (term, IN_BRACKETS.sub("", term), *IN_BRACKETS.findall(term)) if form}


def test_no_word_is_marked_where_nobody_finds_it() -> None:
    """xgettext does not look into f-strings. Only files are parsed in which a mark stands behind a brace."""
    suspects = {name: (ROOT / name).read_text(encoding="utf-8") for name in messages.python_files()}
    hidden = {
        f"{name}:{call.lineno}"
        for name, code in suspects.items()
        if BEHIND_A_BRACE.search(code)
        for text in ast.walk(ast.parse(code))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKS
    }
    assert hidden == set()


def test_every_language_of_the_portal_has_a_catalogue() -> None:
    assert sorted(code for code, _name in settings.LANGUAGES if code != "en") == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_what_the_code_marks(language: str) -> None:
    there = {key_of(each) for each in catalogue(language)}
    assert marked() - there == set(), "run `make messages`"
    assert there - marked() == set(), "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated(language: str) -> None:
    words = catalogue(language)
    assert [each.msgid for each in words if not is_translated(each, language)] == []
    assert [each.msgid for each in words if each.fuzzy or each.obsolete] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_fits_its_text(language: str) -> None:
    found = {
        each.msgid: said
        for each in catalogue(language)
        if is_translated(each, language) and (said := wrong(each, language))
    }
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_is_written(language: str) -> None:
    read = {key_of(each): each.msgstr_plural or each.msgstr for each in polib.mofile(str(path_of(language, "mo")))}
    written = {
        key_of(each): each.msgstr_plural or each.msgstr for each in catalogue(language) if is_translated(each, language)
    }
    assert read == written, "run `make messages`"
    assert catalogue(language).metadata["Plural-Forms"] == PLURALS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_are_those_of_the_glossary(language: str) -> None:
    expected = terms()[language]
    other = {
        each.msgid: each.msgstr
        for each in catalogue(language)
        if each.msgstr and not each.msgctxt and each.msgid.casefold() in expected
        if each.msgstr.casefold() not in expected[each.msgid.casefold()]
    }
    assert other == {}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "3 May 2026, 14:05"),
        ("fr", "3 mai 2026 14:05"),
        ("it", "3 maggio 2026, 14:05"),
        ("de", "3. Mai 2026 14:05"),
        ("id", "3 Mei 2026, 14:05"),
        ("ar", "3 مايو 2026، 14:05"),
    ],
)
def test_a_moment_is_written_as_the_language_writes_it(language: str, said: str) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 5, 3, 14, 5), "DATETIME_FORMAT") == said


@pytest.mark.django_db
@pytest.mark.portable
def test_a_person_chooses_a_language_and_keeps_it_in_every_browser(supervisor: User, supervisor_client: Client) -> None:
    home = reverse("admin:index")
    answer = supervisor_client.post(reverse("set_language"), {"language": "ar", "next": home})
    assert answer["Location"] == home
    supervisor.refresh_from_db()
    assert supervisor.language == "ar"
    another = Client(headers={"accept-language": "de"})
    another.force_login(supervisor)
    assert '<html lang="ar" dir="rtl">' in another.get(home).content.decode()


@pytest.mark.django_db
def test_a_stranger_chooses_a_language_for_this_browser(client: Client) -> None:
    login = reverse("admin:login")
    client.post(reverse("set_language"), {"language": "fr", "next": login})
    assert '<html lang="fr" dir="ltr">' in client.get(login, follow=True).content.decode()
    client.post(reverse("set_language"), {"language": "xx", "next": "https://elsewhere.example.net/"})
    assert '<html lang="fr"' in client.get(login, follow=True).content.decode()
