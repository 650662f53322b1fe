"""The first branch that matches, found in the time of a few look-ups however many branches there are. Pure.

Each group of conditions is a row, bit i of Python's long integers. The constants that rows name cut the values
of a variable into slots: below the lowest, at it, between it and the next ... A slot's mask says which rows its
values do not rule out. The masks of a contact's values, laid over each other, leave the rows that match; those
are asked, in order, what no slot can answer. routing.branches explains, and is what tests hold this against.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from contactcenter.foundation.values import Value
from routing.branches import LAST_PATH, Choice, Path, choose
from routing.conditions import Condition

KIND_OF: dict[type, type] = {str: str, int: float, float: float, bool: bool}
"""Values of different kinds never compare; a whole number is a number like any other."""

SLOTTED = frozenset({"is", "is_not", "is_one_of", "is_none_of", "at_least", "at_most", "between"})
"""Comparisons that slots answer. Any other one, also one that is added some day, is asked as it is written."""


class BranchIndex:
    """A flow's branches made ready, to be asked once for each contact. Never altered."""

    def __init__(self, branches: Sequence[Path], last_path: Path) -> None:
        self._branches, self._last_path = branches, last_path
        rows = [(branch, group) for branch in branches for group in branch.groups or ((),)]
        self._paths = [branch for branch, _ in rows]
        self._everyone = (1 << len(rows)) - 1
        self._left_over: dict[int, list[Condition]] = defaultdict(list)
        columns: dict[str, _Column] = defaultdict(_Column)
        for row, (_, group) in enumerate(rows):
            for condition in group:
                if not columns[condition.variable].add(condition, 1 << row):
                    self._left_over[row].append(condition)
        # What most rows ask for comes first: it leaves the fewest.
        ordered = sorted(columns.items(), key=lambda item: -item[1].named.bit_count())
        self._columns = [(name, *column.compile(self._everyone)) for name, column in ordered]

    def choose(self, variables: Mapping[str, Value]) -> Choice:
        """What routing.branches.choose answers, sooner."""
        candidates = self._everyone
        for name, missing, tables in self._columns:
            seen: Any = variables.get(name)
            if seen is None:
                candidates &= missing
                continue
            table = tables.get(type(seen))
            if table is None or seen != seen:  # a value of no kind, or not a number at all
                return choose(self._branches, self._last_path, variables)
            if type(seen) is str:
                seen = seen.casefold()
            points, masks = table
            place = bisect_left(points, seen)
            candidates &= masks[2 * place + (place < len(points) and points[place] == seen)]
            if not candidates:
                break
        while candidates:
            row = (candidates & -candidates).bit_length() - 1
            if all(condition.holds(variables) for condition in self._left_over.get(row, ())):
                return Choice(self._paths[row], "branch")
            candidates ^= 1 << row
        return Choice(self._last_path, LAST_PATH)


Table = tuple[list[Any], list[int]]
"""The constants in order, and the masks of the slots below, at and between them."""


class _Column:
    """What rows ask of one variable, collected row by row."""

    def __init__(self) -> None:
        self.named = self._not_missing = self._listed = 0
        self._kinds = {kind: _Kind() for kind in KIND_OF.values()}

    def add(self, condition: Condition, row: int) -> bool:
        """Whether slots can answer `condition`. If not, `row` is still ruled out where the variable is missing."""
        self.named |= row
        if condition.operator == "is_unknown":
            for each in self._kinds.values():
                each.never |= row
            return True
        self._not_missing |= row
        if condition.operator == "is_known":
            return True
        wanted = condition.wanted if isinstance(condition.wanted, tuple | frozenset) else (condition.wanted,)
        if condition.operator not in SLOTTED or any(value != value for value in wanted):
            return False
        if condition.operator == "is_one_of":
            if self._listed & row:
                return False  # a second list for the same row
            self._listed |= row
        for kind, each in self._kinds.items():
            self._add_to(kind, each, condition, row)
        return True

    def _add_to(self, kind: type, to: "_Kind", condition: Condition, row: int) -> None:
        operator, wanted = condition.operator, condition.wanted
        if isinstance(wanted, frozenset):
            if kind is bool or all(kind is not KIND_OF[type(value)] for value in wanted):
                to.never |= row
                return
            points = to.on_list if operator == "is_one_of" else to.but
            for value in (each for each in wanted if (kind is str) == isinstance(each, str)):
                points[value] |= row
            return
        lowest, highest = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        # In a pair, yes and no count as 1 and 0: routing.conditions compares them so.
        if kind is not (str if isinstance(lowest, str) else float if operator == "between" else KIND_OF[type(lowest)]):
            to.never |= row
        elif operator == "is_not":
            to.but[lowest] |= row
        else:
            if operator != "at_most":
                to.at_least[lowest] |= row
            if operator != "at_least":
                to.at_most[highest] |= row

    def compile(self, everyone: int) -> tuple[int, dict[type, Table]]:
        """The mask where the variable is missing, and the table of each type of value."""
        tables = {kind: each.compile(everyone, self._listed) for kind, each in self._kinds.items()}
        return everyone & ~self._not_missing, {each: tables[kind] for each, kind in KIND_OF.items()}


class _Kind:
    """What rows ask of values of one kind: masks of rows by the constant they name."""

    def __init__(self) -> None:
        self.never = 0
        self.on_list, self.but, self.at_least, self.at_most = (defaultdict[Any, int](int) for _ in range(4))

    def compile(self, everyone: int, listed: int) -> Table:
        """`listed`: the rows that take only values on a list, whatever its kind."""
        points = sorted({*self.on_list, *self.but, *self.at_least, *self.at_most})
        ruled_out = [self.never | listed] * (2 * len(points) + 1)
        for place, point in enumerate(points):
            ruled_out[2 * place + 1] = self.never | (listed & ~self.on_list[point]) | self.but[point]
        for asked, upwards in ((self.at_most, True), (self.at_least, False)):
            passed = 0  # rows whose bound lies between the slot and the end that the walk began at
            for slot in range(len(ruled_out)) if upwards else reversed(range(len(ruled_out))):
                ruled_out[slot] |= passed
                if slot % 2:
                    passed |= asked[points[slot // 2]]
        return points, [everyone & ~rows for rows in ruled_out]
