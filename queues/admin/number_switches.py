"""Everybody who calls a number, or any number: sent elsewhere, or told something."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.foundation import teams
from contactcenter.foundation.translating import listed
from queues import switches
from queues.admin.switch_forms import AnnounceForm, SendForm
from queues.admin.switching import Question, ask, with_permission
from queues.models import Switch


class NumberSwitches(admin.ModelAdmin):
    """The views behind “Send numbers elsewhere” and “Play an announcement”."""

    @with_permission
    def send_view(self, request: HttpRequest) -> HttpResponse:
        follows = [_("Everybody who calls these numbers goes where you say; their flows are not walked."), *_always()]
        title, button = _("Send numbers elsewhere?"), _("Send there now")

        def send(answer: dict[str, Any]) -> str:
            refuse_others(request.user, answer["numbers"])
            queue, rest = answer["target_queue"], (answer["reason"], answer["until"], request.user)

            def one(number: str) -> Switch:
                if queue:
                    return switches.send_number(number, queue, *rest)
                return switches.send_outside(number, answer["outside"], *rest)

            return _each(request, answer["numbers"], one)

        usual = {"numbers": request.GET.get("number", "")}
        return ask(self, request, _question(title, follows, button), SendForm, send, usual)

    @with_permission
    def announce_view(self, request: HttpRequest) -> HttpResponse:
        follows = [
            _("Everybody who calls these numbers hears the announcement and reaches nobody else."),
            _("Messages are not touched: they go on as ever."),
            *_always(),
        ]
        title, button = _("Play an announcement?"), _("Play it now")

        def announce(answer: dict[str, Any]) -> str:
            refuse_others(request.user, answer["numbers"])
            what = (answer["target_system"], answer["extension"], answer["reason"], answer["until"], request.user)
            return _each(request, answer["numbers"], lambda number: switches.announce(number, *what))

        usual = {"numbers": request.GET.get("number", "")}
        return ask(self, request, _question(title, follows, button), AnnounceForm, announce, usual)


def refuse_others(user: Any, numbers: list[str]) -> None:
    """A member of teams switches the numbers of his teams. Raises ValidationError."""
    if not teams.teams_of(user):
        return
    own = teams.names_of_own(user, "numbers", "address")
    if others := [each for each in numbers if each not in own]:
        raise ValidationError({"numbers": _("Only numbers of your teams: %(others)s.") % {"others": listed(others)}})


def _question(title: str, follows: list[str], button: str) -> Question:
    return Question(title, follows, button, reverse("admin:queues_switch_changelist"))


def _always() -> list[str]:
    return [
        _("Calls already waiting are not moved."),
        _("It holds within two seconds, without publishing. Rolling back a release does not undo it."),
    ]


def _each(request: HttpRequest, numbers: list[str], begin: Callable[[str], Switch]) -> str:
    """All of them or none."""
    with transaction.atomic():
        begun = [begin(number) for number in numbers]
    if unknown := switches.not_ours(numbers):
        words = _("Not among the numbers that are set up: %(numbers)s. There the switch alters nothing. Mistyped?")
        messages.warning(request, words % {"numbers": listed(unknown)})
    return _("%(what)s from now on.") % {"what": listed(str(switch) for switch in begun)}
