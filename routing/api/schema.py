"""What the native API looks like to its readers: serializers for the OpenAPI document only."""

from typing import Any

from rest_framework import serializers

from routing.contacts import CHANNELS


class QuestionSchema(serializers.Serializer[dict[str, object]]):
    """One contact."""

    call_id = serializers.CharField(max_length=128, help_text="The provider's id of the call or message.")
    to = serializers.CharField(max_length=256, help_text="The number called.")
    channel = serializers.ChoiceField(choices=CHANNELS, default="voice")
    attempt = serializers.IntegerField(min_value=0, max_value=99, default=0, help_text="n+1 after a queue gave up.")
    diverted_from = serializers.CharField(required=False, help_text="Original caller of a diverted call.")
    src_ip = serializers.CharField(required=False, help_text="Where the call came from, as the SIP proxy saw it.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a Python keyword, and `context` an attribute of serializers.
        return super().get_fields() | {
            "from": serializers.CharField(required=False, help_text="The caller; anything is accepted."),
            "context": serializers.DictField(required=False, help_text="Plain values that an IVR collected."),
        }


class RouteSchema(serializers.Serializer[dict[str, object]]):
    """One of Kamailio's rtjson routes."""

    uri = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField(), help_text="`extra`: header lines.")
    fr_timer = serializers.IntegerField()
    fr_inv_timer = serializers.IntegerField()


class AnswerSchema(serializers.Serializer[dict[str, object]]):
    """Where the contact goes. Keys without a value are left out."""

    decision_id = serializers.CharField()
    call_id = serializers.CharField()
    release = serializers.IntegerField(required=False)
    pilot = serializers.IntegerField(required=False, help_text="The pilot whose draft decided, in place of a release.")
    block = serializers.IntegerField(required=False, help_text="The entry in the list of blocked callers.")
    flow = serializers.CharField(required=False)
    branch = serializers.CharField(required=False)
    action = serializers.ChoiceField(choices=["transfer", "announce", "voicemail", "reject"])
    queue = serializers.CharField(required=False)
    sip_uri = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    provider_queue = serializers.CharField(required=False)
    team = serializers.CharField(required=False)
    overflow_uri = serializers.CharField(required=False)
    priority = serializers.IntegerField(required=False)
    priority_class = serializers.IntegerField(required=False)
    head_start_s = serializers.IntegerField(required=False)
    skills = serializers.CharField(required=False)
    tier = serializers.CharField(required=False)
    answer_timeout_ms = serializers.IntegerField(required=False)
    caller_id = serializers.CharField(required=False)
    fallback = serializers.BooleanField()
    reason = serializers.CharField()
    degraded = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    headers = serializers.DictField(child=serializers.CharField(), required=False)
    sip_headers = serializers.CharField(required=False)
    version = serializers.CharField(required=False)
    routing = serializers.CharField(required=False)
    routes = RouteSchema(many=True, required=False)


class EventSchema(serializers.Serializer[dict[str, object]]):
    """What became of one contact."""

    kind = serializers.ChoiceField(choices=["leg", "entered", "agent_answered", "abandoned", "left"])
    at = serializers.DateTimeField(help_text="With a time zone.")
    decision_id = serializers.CharField(required=False)
    call_id = serializers.CharField(required=False)
    queue = serializers.CharField(required=False)
    seconds = serializers.IntegerField(required=False)
    outcome = serializers.CharField(required=False)
    sip_code = serializers.IntegerField(required=False)


class EventsSchema(serializers.Serializer[dict[str, object]]):
    """A batch of events; each is kept once, however often it is sent."""

    events = EventSchema(many=True)


class EventsAcceptedSchema(serializers.Serializer[dict[str, object]]):
    """How many events were taken; one that comes again counts, and is kept once."""

    accepted = serializers.IntegerField()


class ProblemSchema(serializers.Serializer[dict[str, object]]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False)
