"""Close now, and reopen: the two switches of a queue, each behind one page that says what follows."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation import consequences
from contactcenter.foundation.naming import NamedAdmin
from queues import switches
from queues.admin.switch_forms import ConfirmForm, SwitchForm
from queues.admin.switching import Question, ask, with_permission
from queues.models import Queue
from queues.standing import Standing, by_hours, standing, zone_of


class QueueSwitches(NamedAdmin):
    """The views behind a queue's “Close now” and “Reopen”."""

    @with_permission
    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        queue = self.touched_or_403(request, pk)
        zone = zone_of(queue)
        follows = [*_closing(queue), *(each.html for each in consequences.of_switching_off([queue], request.user))]
        question = Question(_("Close %(queue)s now?") % {"queue": queue}, follows, _("Close now"), _page(queue), zone)

        def close(answer: dict[str, Any]) -> str:
            switches.close_queue(queue, answer["reason"], answer["until"], request.user)
            return _("%(queue)s is closed from now on.") % {"queue": queue}

        return ask(self, request, question, SwitchForm, close)

    @with_permission
    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        queue = self.touched_or_403(request, pk)
        stands = standing(queue, timezone.now())
        if stands.switch:
            return self._end(request, queue, stands)
        if stands.is_open:
            messages.info(request, _("%(queue)s is open already.") % {"queue": queue})
            return HttpResponseRedirect(_page(queue))
        return self._open(request, queue, stands)

    def _end(self, request: HttpRequest, queue: Queue, stands: Standing) -> HttpResponse:
        follows = [
            _("The switch on this queue ends; its opening hours hold again."),
            _("By them: %(standing)s") % {"standing": by_hours(queue, timezone.now()).words},
        ]
        title, button = (
            (_("Reopen %(queue)s?"), _("Reopen"))
            if stands.is_switched_closed
            else (_("Let %(queue)s follow its opening hours again?"), _("Yes, follow the hours"))
        )

        def end(_answer: dict[str, Any]) -> str:
            if stands.switch:
                switches.end(stands.switch, request.user)
            return str(by_hours(queue, timezone.now()).words)

        return ask(self, request, Question(title % {"queue": queue}, follows, button, _page(queue)), ConfirmForm, end)

    def _open(self, request: HttpRequest, queue: Queue, stands: Standing) -> HttpResponse:
        zone = zone_of(queue)
        follows = [stands.words, _("From now on callers come in all the same. Make sure that somebody answers.")]
        title = _("Open %(queue)s in spite of its hours?") % {"queue": queue}

        def open_(answer: dict[str, Any]) -> str:
            switches.open_queue(queue, answer["reason"], answer["until"], request.user)
            return _("%(queue)s is open from now on.") % {"queue": queue}

        return ask(self, request, Question(title, follows, _("Open now"), _page(queue), zone), SwitchForm, open_)


def _page(queue: Queue) -> str:
    return reverse("admin:queues_queue_change", args=[queue.pk])


def _closing(queue: Queue) -> list[str]:
    """What closing means for the callers of this queue."""
    if queue.when_closed == Queue.Closed.REJECT:
        where = _("New callers are turned away: they hear the busy tone.")
    elif queue.when_closed != Queue.Closed.OVERFLOW:
        where = _("New callers: %(what)s, extension %(extension)s.") % {
            "what": queue.get_when_closed_display(),
            "extension": queue.closed_address,
        }
    elif queue.overflow_to:
        where = _("New callers go to %(queue)s.") % {"queue": queue.overflow_to}
    else:
        where = _(
            "This queue overflows nowhere: callers still reach it, because a call without an answer would be worse. "
            "Say first where it overflows to."
        )
    return [
        where,
        _("Calls already waiting are not moved."),
        _("It holds within two seconds, without publishing. Rolling back a release does not undo it."),
    ]
