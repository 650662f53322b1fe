"""The decide server has no database: nothing of ours that it loads speaks to one."""

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST_OUR_MODULES = """
import sys
import contactcenter.decide_wsgi
from django.urls import get_resolver
get_resolver().url_patterns
ours = ("contactcenter", "customers", "queues", "routing")
print(*(m.__file__ for m in sys.modules.values() if m.__name__.split(".")[0] in ours and m.__file__), sep="\\n")
"""


def _imported(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_module_of_ours_on_the_decide_path_imports_the_orm() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "contactcenter.decide_settings"}
    listed = subprocess.run(
        [sys.executable, "-c", LIST_OUR_MODULES], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = [Path(line) for line in listed.stdout.splitlines()]
    assert ROOT / "routing/api/decisions.py" in loaded
    guilty = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in loaded
        if (bad := {name for name in _imported(path) if name == "django.db" or name.startswith("django.db.")})
    }
    assert guilty == {}
