"""Where files lie until they are forgotten: on this host, for the portal's own user alone.

A portal and workers on several hosts need the folder in common.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

OUT_OF_REACH = _(
    "The file cannot be read here. Ask your administrator: the portal and its workers need one folder for files in"
    " common. Then try again."
)


def folder() -> Path:
    """The folder, made if it is not there yet."""
    path = Path(settings.VAR_DIR) / "tables"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def place(job_id: UUID) -> Path:
    """Where the file of this job lies, or is to lie."""
    return folder() / str(job_id)


def keep(job_id: UUID, pieces: Iterable[bytes]) -> None:
    """Write a file that was handed in."""
    descriptor = os.open(place(job_id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)


def forget(job_id: UUID) -> None:
    """Remove the file, and whatever was written beside it."""
    for path in (place(job_id), unfinished(job_id), rows(job_id)):
        path.unlink(missing_ok=True)


def rows(job_id: UUID) -> Path:
    """Where the rows of a workbook lie that was unpacked."""
    return folder() / f"{job_id}.rows"


def unfinished(job_id: UUID) -> Path:
    """Where a file is written before it takes its place."""
    return folder() / f"{job_id}.part"
