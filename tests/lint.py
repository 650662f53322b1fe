"""`make lint`: everything that can be said about the code without running its tests."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")


@dataclass(frozen=True)
class Step:
    """One check: what it looks at, and the command that looks."""

    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


NO_SERVER = {"DATABASE_URL": "sqlite://:memory:"}
STEPS = (
    Step("types", (str(BIN / "mypy"), ".")),  # the longest first, the others run beside it
    Step("format", (str(BIN / "ruff"), "format", "--check", ".")),
    Step("style", (str(BIN / "ruff"), "check", ".")),
    Step("arrows between the apps", (str(BIN / "lint-imports"), "--no-logo")),
    Step("models and migrations agree", (*MANAGE, "makemigrations", "--check", "--dry-run"), NO_SERVER),
    Step("migrations are safe under load", (*MANAGE, "check_migrations"), NO_SERVER),
    Step("deployment settings", (*MANAGE, "check", "--deploy", "--fail-level", "WARNING")),
)


def main() -> int:
    """Run every step, show what the failed ones said; the exit code."""
    with tempfile.TemporaryDirectory(prefix="contactcenter-lint-") as folder, ThreadPoolExecutor(2) as pool:
        environment = production_like(folder)
        results = list(pool.map(lambda step: run(step, environment), STEPS))
    return 0 if all(results) else 1


def production_like(folder: str) -> dict[str, str]:
    """The example of a production host with secrets filled in; no server of it is contacted."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TERM") if name in os.environ},
        "ENV_FILE": "deploy/example.env",
        "VAR_DIR": folder,
        "LIVE_DIR": f"{folder}/live",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DECISION_ID_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
    }


def run(step: Step, environment: Mapping[str, str]) -> bool:
    """One step; what it says is printed only when it fails."""
    started = time.monotonic()
    whole = {**environment, **step.environment}
    result = subprocess.run(step.command, env=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ok = result.returncode == 0
    said = "" if ok else f"\n{result.stdout.rstrip()}\n"
    print(f"{'ok    ' if ok else 'FAILED'} {step.title} ({time.monotonic() - started:.0f} s){said}", flush=True)
    return ok


if __name__ == "__main__":
    sys.exit(main())
