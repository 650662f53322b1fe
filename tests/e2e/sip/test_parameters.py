"""The page beside the proxy's configuration names every variable that it reads, with its default."""

import re

from tests.e2e.sip.agents import ROOT

FOLDER = ROOT / "deploy" / "kamailio"


def test_every_variable_has_its_row_with_its_default_and_no_other() -> None:
    configuration = (FOLDER / "kamailio.cfg").read_text(encoding="utf-8")
    required = re.findall(r"^#!defenvs? (\w+)", configuration, re.MULTILINE)
    optional = re.findall(r"^#!trydefenvs? (\w+)", configuration, re.MULTILINE)
    defaults = dict(re.findall(r'^#!define (\w+) "?([^"\n]*)"?$', configuration, re.MULTILINE))
    assert set(defaults) == set(optional)

    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^`|]+?)`? \|", page, re.MULTILINE))
    expected = dict.fromkeys(required, "required") | {name: value or "empty" for name, value in defaults.items()}
    assert documented == expected
