"""`make messages`: the catalogues in locale/ hold each word that the code marks for translation, in its order.

A text that is new stands there empty, one that is gone is taken out, one that was altered is new: nothing is guessed.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "locale"
CODE = ("contactcenter", "customers", "queues", "routing")
TEMPLATES = ("*.html", "*.txt")

PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "it": "nplurals=2; plural=(n != 1);",
    "de": "nplurals=2; plural=(n != 1);",
    "id": "nplurals=1; plural=0;",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
}
"""The languages of the portal beside English, and how each counts."""

KEYWORDS = [
    "gettext_noop",
    "gettext_lazy",
    "lazy",
    "ngettext:1,2",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
]


def main() -> int:
    """Bring all catalogues up to date."""
    marked = extracted()
    for language in PLURALS:
        words = merged(language, marked)
        write(words, language)
        print(f"{language}: {len(words)} texts, {len(words.untranslated_entries())} to translate")
    return 0


def extracted() -> polib.POFile:
    """Everything that is marked now, in the order of the files; `occurrences` say where it stands."""
    with tempfile.TemporaryDirectory() as folder:
        files = [*sorted(python_files()), *_templates_as_python(Path(folder))]
        command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--add-comments=Translators", "--output=-"]
        done = subprocess.run(
            [
                *command,
                *(f"--keyword={each}" for each in KEYWORDS),
                "--files-from=-",
                f"--directory={folder}",
                "-D",
                ".",
            ],
            input="\n".join(files),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    return polib.pofile(done.stdout.replace("charset=CHARSET", "charset=UTF-8"))


def merged(language: str, marked: polib.POFile) -> polib.POFile:
    """The language's catalogue with exactly the marked texts: those it had keep their translation."""
    had = {(each.msgctxt, each.msgid, each.msgid_plural): each for each in catalogue(language)}
    words = _empty(language)
    for each in marked:
        known = had.get((each.msgctxt, each.msgid, each.msgid_plural))
        forms = known.msgstr_plural if known else dict.fromkeys(range(forms_of(language)), "")
        words.append(
            polib.POEntry(
                msgctxt=each.msgctxt,
                msgid=each.msgid,
                msgid_plural=each.msgid_plural,
                msgstr=known.msgstr if known else "",
                msgstr_plural=forms if each.msgid_plural else {},
                comment=each.comment,
                flags=each.flags,
            )
        )
    return words


def catalogue(language: str) -> polib.POFile:
    """What locale/ holds for a language now."""
    path = path_of(language)
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else _empty(language)


def path_of(language: str, ending: str = "po") -> Path:
    """Where a language's texts lie; with "mo", what Django reads of them."""
    return LOCALE / language / "LC_MESSAGES" / f"django.{ending}"


def write(words: polib.POFile, language: str) -> None:
    """Both files of a language."""
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    words.save(str(path_of(language)))
    words.save_as_mofile(str(path_of(language, "mo")))


def python_files() -> list[str]:
    """Our code, migrations apart: names below the root."""
    found = (path for app in CODE for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    return [str(path.relative_to(ROOT)) for path in found]


def _templates_as_python(folder: Path) -> list[str]:
    """The templates, as Django turns them into what xgettext reads, below `folder`."""
    names = []
    for root in ("templates", *CODE):
        for path in sorted(each for kind in TEMPLATES for each in (ROOT / root).rglob(kind)):
            name = path.relative_to(ROOT)
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(templatize(path.read_text(), origin=str(name)))
            names.append(str(name))
    return names


def _empty(language: str) -> polib.POFile:
    words = polib.POFile(wrapwidth=0)
    words.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    return words


def forms_of(language: str) -> int:
    """How many plural forms a language has."""
    return int(PLURALS[language].removeprefix("nplurals=").partition(";")[0])


if __name__ == "__main__":
    sys.exit(main())
