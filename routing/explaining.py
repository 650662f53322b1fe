"""Why a decision fell as it did: its own variables walked again through the release that it was decided by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing import publishing
from routing.branches import LAST_PATH, PathVerdict, explain
from routing.models import Decision, Release
from routing.release import Flow, ReleaseError, compile_release


@dataclass(frozen=True)
class Explained:
    """How each branch was judged, down to the one that was taken; `taken` is its short name, or `last_path`."""

    document: Mapping[str, Any]
    flow: str
    verdicts: list[PathVerdict]
    taken: str


def explained(decision: Decision) -> Explained | None:
    """The walk behind `decision`; None where no flow was walked, or its release cannot be read any more."""
    variables = decision.document.get("variables")
    document = publishing.contents(Release.objects.filter(number=decision.release or 0).first())
    if not variables or document is None:
        return None
    flow = _flow(document, decision)
    if flow is None:
        return None
    verdicts = explain(flow.branches, variables)
    taken = next((verdict.path.slug for verdict in verdicts if verdict.taken), LAST_PATH)
    return Explained(document, flow.slug, verdicts, taken)


def _flow(document: Mapping[str, Any], decision: Decision) -> Flow | None:
    try:
        return compile_release(document, decision.release or 0).flows.get(decision.flow)
    except ReleaseError:
        return None
