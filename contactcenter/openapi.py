"""The API as engineers read it: one OpenAPI document for both servers. Only the portal imports this."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from contactcenter import decide_urls
from customers.push.api import AcceptedSchema, CrmEventsView
from routing.api.decisions import DecisionsView
from routing.api.events import EventsView
from routing.api.links import LinkedSchema, LinkSchema, LinkView
from routing.api.presence import PresenceSchema, PresenceView
from routing.api.schema import AnswerSchema, EventsSchema, ProblemSchema, QuestionSchema
from routing.api.statistics import QueueStatisticsView, StatisticsSchema, TakenSchema

_KEY: Any = [{"apiKey": []}]  # the generator takes security requirements, whatever its annotation says
_PROBLEMS = {400: ProblemSchema, 401: ProblemSchema, 413: ProblemSchema}
_FORMAT = OpenApiParameter("format", enum=["json", "kv", "flat"], description="Lines of key=value, or flat strings.")

extend_schema_view(
    post=extend_schema(
        operation_id="decide",
        parameters=[_FORMAT],
        request=QuestionSchema,
        responses={200: AnswerSchema, **_PROBLEMS},
        auth=_KEY,
    )
)(DecisionsView)
extend_schema_view(
    post=extend_schema(
        operation_id="report_events",
        request=EventsSchema,
        responses={200: OpenApiResponse(description="How many were accepted."), **_PROBLEMS},
        auth=_KEY,
    )
)(EventsView)

extend_schema_view(
    put=extend_schema(
        operation_id="report_queue_statistics",
        request=StatisticsSchema,
        responses={200: TakenSchema, 400: ProblemSchema, 401: ProblemSchema, 404: ProblemSchema},
        auth=_KEY,
    )
)(QueueStatisticsView)

extend_schema_view(
    put=extend_schema(
        operation_id="set_presence",
        request=PresenceSchema,
        responses={200: PresenceSchema, 400: ProblemSchema, 401: ProblemSchema, 404: ProblemSchema},
        auth=_KEY,
    )
)(PresenceView)

extend_schema_view(
    post=extend_schema(
        operation_id="link_sender",
        request=LinkSchema,
        responses={200: LinkedSchema, **dict.fromkeys((400, 401, 404, 409), ProblemSchema)},
        auth=_KEY,
    )
)(LinkView)

extend_schema_view(
    post=extend_schema(
        operation_id="tell_of_customers",
        description="A CRM tells that customers have changed. Signed; docs/push.md says how.",
        request=OpenApiTypes.OBJECT,
        responses={202: AcceptedSchema, 400: ProblemSchema, 403: ProblemSchema, 413: ProblemSchema, 415: ProblemSchema},
        auth=[],
    )
)(CrmEventsView)

DECIDE_PATTERNS = decide_urls.urlpatterns

__all__ = ["DECIDE_PATTERNS"]
