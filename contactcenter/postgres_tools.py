"""pg_dump and pg_restore on the database of the settings. No password on a command line, where others see it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCK_TIMEOUT = "10s"


class ToolFailed(Exception):
    """A program is missing or refused; the text is what it said."""


def dump(settings: Mapping[str, Any], file: Path) -> None:
    """The whole database into `file` (custom format), read through to its end: a cut one still lists its contents."""
    _run("pg_dump", settings, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", settings["NAME"])
    _run("pg_restore", settings, f"--file={os.devnull}", str(file))


def restore(settings: Mapping[str, Any], file: Path) -> None:
    """The database as it is in `file`, in one transaction: all of it or nothing."""
    how = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run("pg_restore", settings, *how, f"--dbname={settings['NAME']}", str(file))


def _run(program: str, settings: Mapping[str, Any], *arguments: str) -> None:
    path = _find(program)
    environment = {
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGOPTIONS": f"-c lock_timeout={LOCK_TIMEOUT}",  # else it would wait for ever behind a portal that runs
    }
    given = {name: value for name, value in environment.items() if value}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [path, *arguments], env=os.environ | given, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ToolFailed(f"{program}: {said[-500:] or done.returncode}")


def _find(program: str) -> str:
    """Debian keeps one of each version out of the PATH: the newest serves every older server."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    found = str(beside[-1]) if beside else shutil.which(program)
    if found is None:
        raise ToolFailed(f"{program} is not installed. On Debian and Ubuntu: apt install postgresql-client")
    return found
