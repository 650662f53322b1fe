"""From the draft to the live release, and back to an earlier one."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Q

from contactcenter.foundation import changes
from routing import number_use, picking, problems, sampling
from routing.differences import Difference, differences
from routing.document import Document, canonical, checksum, render
from routing.models import NotificationTarget, ProviderAccount, Release
from routing.picking import Lack
from routing.problems import Answering, Problem, RingLimit
from routing.providers import DIALECTS
from routing.references import Thing
from routing.release import compile_release


class NotPublishable(Exception):
    """The draft has errors; the live release stays as it is."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(f"{len(found)} problems keep the draft from being published.")
        self.problems = found


class NothingToPublish(Exception):
    """The document is the live one already."""


class DraftChanged(Exception):
    """The draft is no longer what the publisher has looked at."""


class LiveChanged(Exception):
    """Another release went live since the publisher has looked; `release` is the one that is live now."""

    def __init__(self, release: Release | None) -> None:
        super().__init__("Another release went live meanwhile.")
        self.release = release


class NotWhole(Exception):
    """What is ticked needs what is not; `lacks` say which."""

    def __init__(self, lacks: list[Lack]) -> None:
        super().__init__(f"{len(lacks)} things that are needed are not ticked.")
        self.lacks = lacks


@dataclass(frozen=True)
class Choice:
    """What a publisher had before him, and what of it is to go live: things, see `picking`."""

    draft: str
    """The checksum of the draft."""
    live: int | None
    """The number of the release that was live, if one was."""
    ticked: frozenset[Thing]


def publish(note: str, by: AbstractBaseUser | None, choice: Choice | None = None) -> Release:
    """Make the draft live, or what is ticked of it, in one transaction.

    Raises DraftChanged, LiveChanged, NotWhole, NotPublishable, NothingToPublish or ReleaseError; the live release
    stays as it is then.
    """
    with one_at_a_time():
        return _make_live(canonical(ready(choice)), note, by)


def ready(choice: Choice | None = None) -> Document:
    """The document that publishing would make live. Raises as `publish` does."""
    draft, release = render(), live()
    if choice is None:
        document = draft
    else:
        if choice.draft != checksum(canonical(draft)):
            raise DraftChanged("Somebody changed the draft meanwhile.")
        if choice.live != (release.number if release else None):
            raise LiveChanged(release)
        document = picked(contents(release), draft, choice.ticked)
    if release is not None and release.document == canonical(document):
        raise NothingToPublish("This is what is live already.")
    refuse_problems(document, None if document == draft else contents(release))
    return document


def picked(live: Document | None, draft: Document, ticked: Collection[Thing]) -> Document:
    """What is live, with what is ticked of the draft. Raises NotWhole."""
    if lacks := picking.lacking(live, draft, ticked):
        raise NotWhole(lacks)
    return picking.pick(live, draft, ticked)


def publish_document(text: str, note: str, by: AbstractBaseUser | None, rolled_back_from: int | None = None) -> Release:
    """Make a canonical document live, whatever the draft holds.

    `rolled_back_from` is the release of which some things are live again by it. Raises NotPublishable,
    NothingToPublish or ReleaseError.
    """
    with one_at_a_time():
        refuse_problems(json.loads(text), contents(live()))
        return _make_live(text, note, by, rolled_back_from)


def roll_back(to: Release, note: str, by: AbstractBaseUser | None, instead_of: int | None = None) -> Release:
    """Make the document of an earlier release live again, under a new number. The draft stays as it is.

    `instead_of` is the release that is to be taken back, if somebody has looked at it. Raises LiveChanged,
    NothingToPublish or ReleaseError.
    """
    with one_at_a_time():
        now = live()
        if instead_of is not None and (now is None or now.number != instead_of):
            raise LiveChanged(now)
        return _make_live(to.document, note, by, rolled_back_from=to.number)


def live() -> Release | None:
    """The release that calls follow now: the one with the highest number."""
    return Release.objects.order_by("-number").first()


def contents(release: Release | None) -> dict[str, Any] | None:
    """The document of a release; None before the first one."""
    return None if release is None else json.loads(release.document)


def draft_differs() -> list[Difference]:
    """What publishing the draft would change."""
    return differences(contents(live()), render())


def before(release: Release) -> Release | None:
    """The release that a roll back from `release` goes to: what was live before what it holds. Without its document."""
    whole = Release.objects.filter(number=release.rolled_back_from or 0, sha256=release.sha256)
    since = whole.values_list("number", flat=True).first() or release.number
    earlier = Release.objects.filter(number__lt=since).defer("document")
    return earlier.exclude(sha256=release.sha256).order_by("-number").first()


def find_problems(document: Document, compared_with: Document | None = None) -> list[Problem]:
    """Problems of a document, those with what is switched off now among them.

    `compared_with` is what is live: a sample call of a flow that stays as it is there must only do as well as there.
    """
    disabled = ProviderAccount.objects.filter(is_enabled=False).values_list("slug", "name")
    silent = NotificationTarget.objects.filter(Q(is_enabled=False) | Q(url="") | Q(secret=""))
    answering = _answering()
    found = problems.find(
        document, dict(disabled), dict(silent.values_list("slug", "name")), _ring_limits(answering), answering
    )
    if any(problem.severity == problems.ERROR for problem in found):
        return found  # nobody could be decided by it, no sample call either
    return [*sampling.problems(document, compared_with), *found]


def _answering() -> dict[str, Answering]:
    """How each provider account is answered, by its short name."""
    accounts = ProviderAccount.objects.values_list("slug", "name", "dialect")
    return {slug: Answering(name, DIALECTS[dialect]) for slug, name, dialect in accounts if dialect in DIALECTS}


def _ring_limits(accounts: Mapping[str, Answering]) -> dict[str, RingLimit]:
    """The accounts whose provider gives up after some time, by short name."""
    limits = {slug: each.dialect.capabilities.longest_ring_s for slug, each in accounts.items()}
    return {slug: RingLimit(accounts[slug].name, limit) for slug, limit in limits.items() if limit}


def refuse_problems(document: Document, compared_with: Document | None = None) -> None:
    """Raises NotPublishable when the document has errors."""
    errors = [problem for problem in find_problems(document, compared_with) if problem.severity == problems.ERROR]
    if errors:
        raise NotPublishable(errors)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A transaction that waits for every other one of its kind, so that numbers have no gap and no double.

    On PostgreSQL it also reads the whole draft as of one moment: a form that is saved meanwhile is in the
    release with all of its rows or with none. SQLite begins with the write lock and needs neither.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                if outermost:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                # Before any query: the moment that is read as of must lie behind the wait.
                cursor.execute("LOCK TABLE routing_release IN SHARE ROW EXCLUSIVE MODE")
        yield


def _make_live(text: str, note: str, by: AbstractBaseUser | None, rolled_back_from: int | None = None) -> Release:
    before = live()
    if before is not None and before.document == text:
        raise NothingToPublish("This is what is live already.")
    number = 1 if before is None else before.number + 1
    compile_release(json.loads(text), number)
    release = Release.objects.create(
        number=number,
        document=text,
        sha256=checksum(text),
        note=note,
        published_by_id=None if by is None else by.pk,
        rolled_back_from=rolled_back_from,
    )
    changes.mark(changes.RELEASE, [str(number)])
    # Not in this transaction: couriers write the same rows all the time, and it reads as of one moment.
    transaction.on_commit(lambda: number_use.follow(release), robust=True)
    return release
