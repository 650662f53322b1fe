"""Every page and every action of the admin, tried by everybody: held against the table that people read."""

import os
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Model

from contactcenter.accounts import roles
from contactcenter.accounts.models import User
from contactcenter.accounts.roles import ROLES
from contactcenter.foundation.models import Team
from queues.models import Queue, QueueState, Switch
from routing.models import Flow, Number
from tests.portal.doors import DOES, NOTHING, Door, actions, doors, knock
from tests.portal.one_of_each import TECHNICAL, one, one_of_each

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
WRITE = "WRITE_DOCS"
"""WRITE_DOCS=1 pytest tests/portal/test_doors.py writes the tables anew; look at what has changed."""

OF_ROLES = ("<!-- doors of roles -->\n", "<!-- end of doors of roles -->")
OF_TEAMS = ("<!-- doors of teams -->\n", "<!-- end of doors of teams -->")
WHOSE = ("his team's", "nobody's", "another team's")


def person(name: str, *groups: str) -> User:
    made = User.objects.create_user(name, is_staff=bool(groups))
    made.groups.set(Group.objects.filter(name__in=groups))
    return made


@pytest.fixture
def things(without_menu: None) -> dict[str, Model]:
    roles.establish()
    return one_of_each()


@pytest.fixture
def ours() -> list[Door]:
    return [door for door in doors() if not door.model.startswith(TECHNICAL)]


def test_the_table_of_the_docs_says_who_gets_through_which_door(things: dict[str, Model], ours: list[Door]) -> None:
    people = [person(role, role) for role in ROLES]
    found = [(door.model, door.page, [knock(each, door, things.get(door.model)) for each in people]) for door in ours]
    for model in (model for model in admin.site._registry if model._meta.label in things):
        offered = [actions(each, model) for each in people]
        for name in sorted(set().union(*offered)):
            cells = [DOES if name in each else NOTHING for each in offered]
            found.append((model._meta.label, f"action {name.replace('_', ' ')}", cells))
    held(OF_ROLES, ["Of", "Pages and actions", *ROLES], found)


def test_the_table_of_the_docs_says_what_teams_may_do(things: dict[str, Model], ours: list[Door]) -> None:
    member = person("member", roles.PUBLISHER, roles.INTEGRATOR)
    teams = [Team.objects.create(name="Milan"), None, Team.objects.create(name="Rome")]
    member.teams.set([teams[0]])  # type: ignore[list-item] # the first is one
    owned = [of_team(team) for team in teams]
    kinds = owned[0].keys()
    found = [
        (door.model, door.page, [knock(member, door, each[door.model]) for each in owned])
        for door in ours
        if door.model in kinds and door.wants
    ]
    held(OF_TEAMS, ["Of", "Pages", *WHOSE], found)


def of_team(team: Team | None) -> dict[str, Model]:
    """One of each thing that belongs to a team, and of what hangs on it."""
    queue = one(Queue, belongs_to=team)
    number = one(Number, belongs_to=team, default_queue=queue, silent_after_days=7)
    switch = one(Switch, kind=Switch.Kind.CLOSE_QUEUE, subject=queue.slug)
    made = [queue, number, switch, one(Flow, belongs_to=team, last_path=queue), one(QueueState, queue=queue)]
    return {each._meta.label: each for each in made}


def test_nobody_without_a_role_gets_through_any_door(things: dict[str, Model], ours: list[Door]) -> None:
    stranger, anybody = person("stranger"), AnonymousUser()
    assert len(ours) > 200
    opened = [
        (door.name, str(each))
        for door in ours
        for each in (stranger, anybody)
        if knock(each, door, things.get(door.model)) != NOTHING
    ]
    assert opened == []


def test_technical_pages_are_nobodys() -> None:
    assert {name for wanted in ROLES.values() for name in wanted if name.startswith(TECHNICAL)} == set()


def held(marks: tuple[str, str], head: list[str], found: list[tuple[str, str, list[str]]]) -> None:
    """The part of the docs between `marks` is this table; pages of one thing with the same cells share a row."""
    rows = []
    for key, pages in groupby(sorted(found, key=_of_and_cells), key=_of_and_cells):
        of, cells = key
        rows.append([of, ", ".join(page for _model, page, _cells in pages), *cells])
    lines = [head, ["---"] * len(head), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(marks[0])
    said, after = rest.split(marks[1])
    if os.environ.get(WRITE):
        PAGE.write_text(f"{before}{marks[0]}{table}{marks[1]}{after}", encoding="utf-8")
    else:
        assert said.splitlines() == table.splitlines(), f"Look at who may do what, then write it anew with {WRITE}=1."


def _of_and_cells(row: tuple[str, str, list[str]]) -> Any:
    model, _page, cells = row
    return str(apps.get_model(model)._meta.verbose_name) if model else "the portal", cells
