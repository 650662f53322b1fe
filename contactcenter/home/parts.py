"""What the parts of Home are made of."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One thing to do, and where; without an address somebody else has to do it."""

    text: Any
    url: str = ""


def may(user: Any, action: str, model: Any) -> bool:
    """Whether this person may `action` ("view", "add", …) things of `model`."""
    return bool(user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"))


def may_see(user: Any, model: Any) -> bool:
    return may(user, "view", model)
