"""Nobody calls `requests` around the checks."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALLERS = {"requests", "urllib3", "urllib.request", "http.client", "aiohttp", "httpx"}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_only_the_foundation_speaks_http() -> None:
    guilty = {
        path.relative_to(ROOT).as_posix()
        for app in ("contactcenter", "customers", "queues", "routing")
        for path in (ROOT / app).rglob("*.py")
        if any(name in CALLERS or name.split(".")[0] in CALLERS for name in _imports(path))
    }
    assert guilty == {"contactcenter/foundation/http.py", "contactcenter/foundation/http_connections.py"}
