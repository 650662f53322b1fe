"""The API as engineers read it: one OpenAPI document for both servers. Only the portal imports this."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from contactcenter import decide_urls
from customers.push.api import AcceptedSchema, CrmEventsView
from routing.api.decisions import DecisionsView
from routing.api.events import EventsView
from routing.api.links import LinkedSchema, LinkSchema, LinkView
from routing.api.portal import DecisionSchema, DecisionView
from routing.api.presence import PresenceSchema, PresenceView
from routing.api.schema import AnswerSchema, EventsAcceptedSchema, EventsSchema, ProblemSchema, QuestionSchema
from routing.api.statistics import QueueStatisticsView, StatisticsSchema, TakenSchema

_KEY: Any = [{"apiKey": []}]  # the generator takes security requirements, whatever its annotation says
_FORMAT = OpenApiParameter("format", enum=["json", "kv", "flat"], description="Lines of key=value, or flat strings.")


def _problems(*statuses: int) -> dict[Any, Any]:
    """What else may be answered."""
    return {(status, "application/problem+json"): ProblemSchema for status in statuses}


extend_schema_view(
    post=extend_schema(
        operation_id="decide",
        description="On the decide server: where does this contact go?",
        parameters=[_FORMAT],
        request=QuestionSchema,
        responses={200: AnswerSchema, (200, "text/plain"): OpenApiTypes.STR, **_problems(400, 401, 413)},
        auth=_KEY,
    )
)(DecisionsView)
extend_schema_view(
    post=extend_schema(
        operation_id="report_events",
        description="On the decide server: what became of contacts. Each event is kept once, however often it is sent.",
        request=EventsSchema,
        responses={200: EventsAcceptedSchema, **_problems(400, 401, 413)},
        auth=_KEY,
    )
)(EventsView)

extend_schema_view(
    put=extend_schema(
        operation_id="report_queue_statistics",
        request=StatisticsSchema,
        responses={200: TakenSchema, **_problems(400, 401, 404, 429)},
        auth=_KEY,
    )
)(QueueStatisticsView)

extend_schema_view(
    put=extend_schema(
        operation_id="set_presence",
        request=PresenceSchema,
        responses={200: PresenceSchema, **_problems(400, 401, 404, 429)},
        auth=_KEY,
    )
)(PresenceView)

extend_schema_view(
    post=extend_schema(
        operation_id="link_sender",
        request=LinkSchema,
        responses={200: LinkedSchema, **_problems(400, 401, 404, 409, 429)},
        auth=_KEY,
    )
)(LinkView)

extend_schema_view(
    post=extend_schema(
        operation_id="tell_of_customers",
        description="A CRM tells that customers have changed. Signed; docs/push.md says how.",
        request=OpenApiTypes.OBJECT,
        responses={202: AcceptedSchema, **_problems(400, 403, 413, 415, 429)},
        auth=[],
    )
)(CrmEventsView)

extend_schema_view(get=extend_schema(responses={200: DecisionSchema, **_problems(403, 404, 429)}))(DecisionView)

DECIDE_PATTERNS = decide_urls.urlpatterns

__all__ = ["DECIDE_PATTERNS"]
