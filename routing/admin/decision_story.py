"""A decision in sentences, what matters first, and its facts: everything by name, each a way to its page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.admin import left_to_right
from queues import state
from routing.admin.answer_words import priority_in_words
from routing.admin.decision_names import Names
from routing.admin.places import Place
from routing.admin.reasons import clause
from routing.branches import LAST_PATH
from routing.models import Release
from routing.models.flows import Channel

_WENT = {
    "announce": gettext_lazy("The caller heard the announcement of {queue}."),
    "voicemail": gettext_lazy("The caller was asked to leave a message for {queue}."),
    "reject": gettext_lazy("The caller was turned away by {queue}."),
}
_SENT = {
    state.SEND_OUTSIDE: gettext_lazy("The caller was sent to an outside number, and behind it to {queue}."),
    state.ANNOUNCE: gettext_lazy("The caller heard the announcement of a switch."),
}
"""By the switch on the number called."""

_NOT_INTENDED = {
    "closed": gettext_lazy("{queue} was closed."),
    "full": gettext_lazy("{queue} was full."),
    "no_agents": gettext_lazy("In {queue} nobody was logged in."),
    "switched": gettext_lazy("{queue} was switched off."),
}
_NO_PATH = {
    "switched": gettext_lazy("A switch sent everybody elsewhere who called this number."),
    "blocked": gettext_lazy("The caller is on the list of blocked callers."),
    "unknown_number": gettext_lazy("The number called was not set up: the emergency queue took the contact."),
    "last_path": gettext_lazy("No flow was walked: the number's default queue took the contact."),
    "deadline": gettext_lazy("There was no more time."),
    "no_release": gettext_lazy("Nothing was published: the emergency target took the contact."),
}
"""Why no branch was asked, or none could be."""

_MANAGER = {
    "rung": gettext_lazy("The customer's account manager was rung first."),
    "none": gettext_lazy("The customer has no account manager."),
    "unknown": gettext_lazy("The customer's account manager is not set up here."),
    "away": gettext_lazy("The customer's account manager was away."),
    "off_hours": gettext_lazy("It was outside the working hours of the customer's account manager."),
    "unreachable": gettext_lazy("The phone system of the customer's account manager was not published."),
}


@dataclass(frozen=True)
class Story:
    """What a decision did and why, with links for `request`; `caller` as this person may see it."""

    names: Names
    request: HttpRequest
    caller: str
    links: Mapping[Place, str]

    @classmethod
    def of(cls, names: Names, request: HttpRequest, caller: str) -> "Story":
        return cls(names, request, caller, names.links(request, names.decision.queue, names.intended))

    def headline(self) -> Any:
        """Where the contact went."""
        decision, answer = self.names.decision, self._answer
        action, switch = str(answer.get("action", "transfer")), str(answer.get("switch", ""))
        if not decision.queue:
            return _("The caller was turned away.") if action == "reject" else _("Went to the emergency target.")
        words = _SENT.get(switch) or _WENT.get(action) or _("Went to {queue}.")
        return format_html(str(words), queue=self._queue(decision.queue))

    def reasons(self) -> Iterator[Any]:
        """Why there: the path, what was in its way, and what became of the account manager."""
        decision = self.names.decision
        if decision.branch and decision.branch != LAST_PATH:
            flow = self.links.get(("flows", decision.flow), "")
            branch = _linked(self.names.branch, flow and f"{flow}#branches-group")
            yield format_html(_("Branch “{branch}” took the contact."), branch=branch)
        elif decision.branch:
            yield _("No branch took the contact: it went the way of everyone else.")
        elif decision.reason in _NO_PATH:
            yield _NO_PATH[decision.reason]
        if decision.branch and decision.reason in _NOT_INTENDED:
            yield self._in_its_way(decision.reason)
        if said := _MANAGER.get(str(self._answer.get("manager", ""))):
            yield said

    def facts(self, customers: Iterable[Mapping[str, str]]) -> Iterator[tuple[Any, Any]]:
        """Each with its name: when, who, through which number, by which flow and version."""
        names, decision = self.names, self.names.decision
        yield _("When"), date_format(timezone.localtime(decision.decided_at), "DATETIME_FORMAT")
        dialled = left_to_right(decision.number)
        number = format_html("{} ({})", names.number, dialled) if names.number else dialled
        yield _("Number called"), _linked(number, self.links.get(("numbers", names.number_key), ""))
        yield _("Channel"), Channel(decision.channel).label if decision.channel in Channel.values else decision.channel
        yield _("Caller"), left_to_right(self.caller) if self.caller else _("hidden")
        if people := [(_linked(each["name"], each["url"]),) for each in customers]:
            yield _("Customer"), format_html_join("", "<div>{}</div>", people)
        yield _("Loyalty tier"), names.tier or _("not known")
        if decision.flow:
            yield _("Flow"), _linked(names.flow, self.links.get(("flows", decision.flow), ""))
        if decision.release:
            yield _("Published version"), _linked(decision.release, self._release(decision.release))
        if "priority_class" in self._answer:
            yield _("Priority"), priority_in_words(self._answer)

    @property
    def _answer(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.names.decision.document.get("answer") or {}
        return found

    def _in_its_way(self, reason: str) -> Any:
        if not self.names.intended:
            return f"{capfirst(clause(reason))}."
        return format_html(str(_NOT_INTENDED[reason]), queue=self._queue(self.names.intended))

    def _queue(self, slug: str) -> Any:
        name = self.names.queue(slug) or "?"
        return format_html("<strong>{}</strong>", _linked(name, self.links.get(("queues", slug), "")))

    def _release(self, number: int) -> str:
        if not self.request.user.has_perm("routing.view_release"):
            return ""
        found = Release.objects.filter(number=number).values_list("pk", flat=True).first()
        return reverse("admin:routing_release_change", args=[found]) if found else ""


def _linked(text: Any, url: str) -> Any:
    return format_html('<a href="{}">{}</a>', url, text) if url else text
