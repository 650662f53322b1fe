"""Which way a contact takes through a flow: the first branch that matches, else the last path. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contactcenter.foundation.values import Value
from routing.conditions import Condition, Groups, matches

LAST_PATH = "last_path"


@dataclass(frozen=True)
class Target:
    """Where a path leads. None means: as the queue itself says."""

    queue: str
    kind: str = "queue"
    priority_class: int | None = None
    head_start_s: int | None = None


@dataclass(frozen=True)
class Path:
    """A branch, or the last path (no conditions, slug `last_path`)."""

    slug: str
    label: str
    target: Target
    groups: Groups = ()


@dataclass(frozen=True)
class Choice:
    """The path taken, and why: `branch` when a branch matched, `last_path` when none did."""

    path: Path
    reason: str


def choose(branches: Sequence[Path], last_path: Path, variables: Mapping[str, Value]) -> Choice:
    """The first branch that matches, else the last path."""
    for branch in branches:
        if matches(branch.groups, variables):
            return Choice(branch, "branch")
    return Choice(last_path, LAST_PATH)


@dataclass(frozen=True)
class Verdict:
    """One condition, the value it saw (None: missing) and whether it held."""

    condition: Condition
    seen: Value | None
    holds: bool


@dataclass(frozen=True)
class PathVerdict:
    """One branch as it was judged; branches behind the one taken were not looked at."""

    path: Path
    taken: bool
    groups: tuple[tuple[Verdict, ...], ...]


def explain(branches: Sequence[Path], variables: Mapping[str, Value]) -> list[PathVerdict]:
    """How each branch was judged, down to the one that was taken. Agrees with `choose`."""
    judged: list[PathVerdict] = []
    for branch in branches:
        taken = matches(branch.groups, variables)
        groups = tuple(tuple(_judge(condition, variables) for condition in group) for group in branch.groups)
        judged.append(PathVerdict(branch, taken, groups))
        if taken:
            break
    return judged


def _judge(condition: Condition, variables: Mapping[str, Value]) -> Verdict:
    return Verdict(condition, variables.get(condition.variable), condition.holds(variables))
