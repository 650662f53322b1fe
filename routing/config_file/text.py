"""A document as YAML and back. The same document gives the same bytes, and the bytes give the document. Pure.

Only what JSON knows: `09:00`, `2026-12-25` and `no` stay words, since nobody who writes them means 540 minutes,
a moment or false. What a reader of the file could not foresee is refused: anchors, and a name that stands twice.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

Document = dict[str, Any]

LARGEST = 20_000_000
"""Characters: some 100,000 numbers."""

_SCALARS = (
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", list("tf")),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
)


class FileError(ValueError):
    """This text is no configuration; the message says where and why."""


class _Writer(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: object) -> bool:
        """Two equal lists are written twice: nobody has to look elsewhere."""
        return True


def _word(writer: _Writer, text: str) -> yaml.ScalarNode:
    """Quoted where YAML would take a character for the end of a line."""
    odd = any(each in text for each in "\x85\u2028\u2029")
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"' if odd else None)


_Writer.add_representer(str, _word)


class _Reader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        if getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not read", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a name is a word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"“{key.value}” stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return {str(key.value): self.construct_object(value, deep=True) for key, value in node.value}


for _class in (_Writer, _Reader):
    for _tag, _pattern, _first in _SCALARS:
        _class.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def write(document: Document) -> str:
    """`document` as YAML: names in alphabetical order, lists in theirs, UTF-8 as it is read."""
    return yaml.dump(document, Dumper=_Writer, sort_keys=True, allow_unicode=True, width=120)


def read(text: str) -> Document:
    """The document that `text` holds. Raises FileError with line and column."""
    if len(text) > LARGEST:
        raise FileError(f"The file has more than {LARGEST:,} characters.")
    try:
        document = _Reader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise FileError(f"{where}{error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError("This is no YAML: a character or a value in it cannot be read.") from error
    if not isinstance(document, dict):
        raise FileError("A configuration begins with names such as “queues:”; this file does not.")
    return document


def lines_of(text: str, paths: Iterable[Sequence[str | int]]) -> list[int]:
    """The line on which each of `paths` stands in a text that can be read; of what is missing, where it would be in."""
    root = _Reader(text).get_single_node()
    return [_line(root, path) if root else 1 for path in paths]


def _line(node: yaml.Node, path: Sequence[str | int]) -> int:
    line = node.start_mark.line
    for step in path:
        entries = node.value if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) else []
        if isinstance(node, yaml.SequenceNode):
            entries = [(each, each) for each in entries]
            found = entries[step] if isinstance(step, int) and step < len(entries) else None
        else:
            found = next((entry for entry in entries if entry[0].value == step), None)
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return int(line) + 1
