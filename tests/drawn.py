"""What a test is told of a page that was drawn: its templates and, but for those of single fields, their contexts."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import pytest
from django.test import client
from django.test.utils import ContextList


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages() -> Iterator[None]:
    """For all tests: a large form has hundreds of fields, and to copy their contexts was a seventh of its cost."""
    patch = pytest.MonkeyPatch()
    patch.setattr(client, "store_rendered_templates", _keep)
    yield
    patch.undo()


def _keep(store: dict[str, Any], signal: Any, sender: Any, template: Any, context: Any, **_: Any) -> None:
    store.setdefault("templates", []).append(template)
    contexts = store.setdefault("context", ContextList())
    if "widget" not in context:
        contexts.append(copy(context))
