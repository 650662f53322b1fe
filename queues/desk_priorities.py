"""What each kind of help desk calls our priority classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class DeskKind:
    """One kind's name for people, and its word for each priority class, 1 first."""

    label: Any
    priorities: Mapping[int, str]


DESKS: dict[str, DeskKind] = {
    "chatwoot": DeskKind("Chatwoot", {1: "urgent", 2: "high", 3: "medium", 4: "low", 5: "low"}),
    "zendesk": DeskKind("Zendesk", {1: "urgent", 2: "high", 3: "normal", 4: "low", 5: "low"}),
    "signed_webhook": DeskKind(
        _("another one, by signed webhook"), {1: "urgent", 2: "high", 3: "normal", 4: "low", 5: "lowest"}
    ),
}
