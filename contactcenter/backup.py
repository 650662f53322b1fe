"""A backup that can be restored: the database and this host's spool, in one folder, read through before it counts.

The order matters. The spool is copied first: a row that is shipped in between is then in both, and is
inserted once. The other way round it could be in neither.
"""

import hashlib
import json
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from contactcenter import postgres_tools
from contactcenter.privacy import reapplying
from routing import spool
from routing.privacy import on_host

FORMAT = 1
DATABASE, SPOOL, MANIFEST = "database", "spool.sqlite3", "manifest.json"


class BackupError(Exception):
    """The backup cannot be made or used; the text says why."""


@dataclass(frozen=True)
class Restored:
    """What a restore did on this host: whether the spool came from the backup, how many rows are shipped again,
    and how many people were erased again."""

    spool_from_backup: bool
    shipped_again: int
    erased_again: int


def back_up(into: Path, live_dir: Path) -> Path:
    """A new folder in `into`, named by the time; it has its name only when it is whole.

    Raises BackupError, ToolFailed, OSError.
    """
    name = datetime.now(UTC).strftime("contactcenter-%Y%m%d-%H%M%S")
    draft = into / f"{name}.part"
    draft.mkdir(mode=0o700, parents=True)
    if (live_dir / SPOOL).exists():
        _copy_sqlite(live_dir / SPOOL, draft / SPOOL)
    if connection.vendor == "postgresql":
        postgres_tools.dump(_settings(), draft / DATABASE)
    else:
        _copy_sqlite(Path(_settings()["NAME"]), draft / DATABASE)
    for path in draft.iterdir():
        path.chmod(0o600)
    manifest = {"format": FORMAT, "vendor": connection.vendor, "sha256": _checksums(draft)}
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return draft.rename(into / name)


def restore(backup: Path, live_dir: Path) -> Restored:
    """Put the backup in place of the database. Nothing may be running but the decide servers.

    A spool that is here stays: it is newer. All of its rows are shipped again, each is inserted once, so that
    decisions since the backup come back as far as this host still has them. Whoever was erased is
    erased again. Raises BackupError, ToolFailed, OSError.
    """
    _check(backup)
    erased = reapplying.hashes_before() | on_host.remembered(live_dir)
    connection.close()
    if connection.vendor == "postgresql":
        postgres_tools.restore(_settings(), backup / DATABASE)
    else:
        _replace_sqlite(backup / DATABASE, Path(_settings()["NAME"]))
    live_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    here, kept = live_dir / SPOOL, backup / SPOOL
    from_backup = kept.exists() and not here.exists()
    if from_backup:
        _replace_sqlite(kept, here)
    shipped_again = _ship_again(here) if here.exists() else 0
    return Restored(from_backup, shipped_again, reapplying.erase_again(erased))


def _ship_again(path: Path) -> int:
    with spool.courier_end(path) as rows:
        return rows.execute("UPDATE spool SET shipped = 0 WHERE shipped = ?", (spool.SHIPPED,)).rowcount


def _check(backup: Path) -> None:
    try:
        manifest = json.loads((backup / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise BackupError(f"{backup} is no backup: its manifest.json cannot be read.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError("This version does not read backups of this format.")
    if manifest["vendor"] != connection.vendor:
        raise BackupError(f"This is a backup of {manifest['vendor']}, DATABASE_URL names {connection.vendor}.")
    found = _checksums(backup)
    if damaged := sorted(name for name, sha256 in manifest["sha256"].items() if found.get(name) != sha256):
        raise BackupError(f"Damaged or missing in the backup: {', '.join(damaged)}. Nothing was changed.")


def _checksums(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a file that others are writing to, read through afterwards."""
    try:
        reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)
        with closing(reading), closing(sqlite3.connect(target)) as copy:
            reading.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a WAL beside it
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}") from error
    if found != ["ok"]:
        raise BackupError(f"{source} is damaged: {found[0]}")


def _replace_sqlite(source: Path, target: Path) -> None:
    """A copy of `source` in place of `target`, whatever state that is in."""
    draft = target.with_name(f"{target.name}.part")
    with suppress(FileNotFoundError):
        draft.unlink()
    _copy_sqlite(source, draft)
    draft.chmod(0o600)
    for suffix in ("-wal", "-shm"):  # they belong to the file that goes
        with suppress(FileNotFoundError):
            os.unlink(f"{target}{suffix}")
    os.replace(draft, target)


def _settings() -> dict[str, Any]:
    return connection.settings_dict
