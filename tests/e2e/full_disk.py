"""A disk of a few megabytes in memory, to be filled by a test."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 4 * 1024 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """`folder` on a disk of its own; it needs the right to mount one."""
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def may_mount() -> bool:
    """Asked of the system, not of the user's id: in a container even root may be refused."""
    probe = Path(f"/tmp/contactcenter-mount-{os.getpid()}")
    try:
        with small_disk(probe):
            return True
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False
    finally:
        probe.rmdir()


def fill(folder: Path) -> Path:
    """Write until not a byte goes in any more; the file to be deleted for room."""
    filler = folder / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for size in (65_536, 4096, 1):
            _write_until_full(descriptor, b"x" * size)
    finally:
        os.close(descriptor)
    return filler


def _write_until_full(descriptor: int, some: bytes) -> None:
    while True:
        try:
            os.write(descriptor, some)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return
            raise
