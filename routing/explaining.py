"""Why a decision fell as it did: its own variables walked again through the release that it was decided by."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing import publishing
from routing.branches import LAST_PATH, PathVerdict, explain
from routing.models import BlockedCaller, Decision, Pilot, Release
from routing.release import Flow, ReleaseError, compile_flow


@dataclass(frozen=True)
class Explained:
    """How each branch was judged, down to the one that was taken; `taken` is its short name, or `last_path`."""

    flow: str
    verdicts: list[PathVerdict]
    taken: str


def explained(decision: Decision, document: Mapping[str, Any] | None) -> Explained | None:
    """The walk behind `decision` through the document it was decided by.

    None where no flow was walked, or the document is gone or cannot be read any more.
    """
    variables = decision.document.get("variables")
    flow = _flow(document, decision) if variables and document is not None else None
    if not variables or flow is None:
        return None
    verdicts = explain(flow.branches, variables)
    taken = next((verdict.path.slug for verdict in verdicts if verdict.taken), LAST_PATH)
    return Explained(flow.slug, verdicts, taken)


def document_of(decision: Decision) -> Mapping[str, Any] | None:
    """What it was decided by: a release, or the draft of a pilot. None when that is gone."""
    if pilot := pilot_id(decision):
        text = Pilot.objects.filter(pk=pilot).values_list("document", flat=True).first()
        document: Mapping[str, Any] | None = json.loads(text) if text else None
        return document
    return publishing.contents(Release.objects.filter(number=decision.release or 0).first())


def pilot_id(decision: Decision) -> int:
    """The pilot whose draft decided it; 0 where a release did."""
    return _id(decision, "pilot")


def entry_of(decision: Decision) -> BlockedCaller | None:
    """The entry in the list of blocked callers that stopped this one, if it is still there."""
    return BlockedCaller.objects.filter(pk=_id(decision, "block")).select_related("created_by").first()


def _id(decision: Decision, name: str) -> int:
    found = (decision.document.get("answer") or {}).get(name)
    return found if isinstance(found, int) else 0


def _flow(document: Mapping[str, Any], decision: Decision) -> Flow | None:
    try:
        return compile_flow(document, decision.flow)
    except ReleaseError:
        return None
