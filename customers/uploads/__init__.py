"""A list that a supervisor pastes or uploads: looked at together with her, then read by a run like any CRM.

The text is kept, encrypted, from the first look until its run has read it; `forget_read` removes it.
"""

from customers.uploads.guessing import Column, columns
from customers.uploads.keeping import LARGEST, draft, drafted, forget_read, new_connection, start
from customers.uploads.previewing import Choices, Preview, preview
from customers.uploads.text import read

__all__ = [
    "LARGEST",
    "Choices",
    "Column",
    "Preview",
    "columns",
    "draft",
    "drafted",
    "forget_read",
    "new_connection",
    "preview",
    "read",
    "start",
]
