"""Pilots: who tries the draft on the live line, until when; starting, renewing and ending one."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contactcenter.foundation.admin import EvidenceAdmin, left_to_right
from contactcenter.foundation.paging import KeysetChangeList
from queues.admin.switch_forms import ConfirmForm
from queues.admin.switching import Question, ask
from routing import pilots, publishing
from routing.differences import differences, title_of
from routing.document import Document, render
from routing.masking import SEES_CALLERS, masked
from routing.models import Pilot
from routing.picking import Lack
from routing.release import ReleaseError

PUBLISH = "routing.publish_release"
MOST_CHANGES = 12
OTHERS_FIRST = gettext_lazy("Part of it does not belong to your team: ask others to publish it first.")
HOURS = (
    ("1", gettext_lazy("one hour")),
    ("2", gettext_lazy("two hours")),
    ("4", gettext_lazy("four hours")),
    ("8", gettext_lazy("eight hours")),
    ("24", gettext_lazy("a day")),
)


class StartForm(ConfirmForm):
    """Whose calls, and for how long."""

    callers = forms.CharField(
        label=gettext_lazy("Numbers that call"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField", "dir": "ltr", "inputmode": "tel"}),
        help_text=gettext_lazy("One a line, with country code: your own mobile, for example +39 333 123 4567."),
    )
    lasts = forms.ChoiceField(
        label=gettext_lazy("For how long"),
        choices=HOURS,
        initial="2",
        help_text=gettext_lazy("Then it ends by itself. You can end it at any time."),
    )

    def clean_callers(self) -> list[str]:
        """The numbers as callers' numbers are looked up."""
        return pilots.read_callers(self.cleaned_data["callers"])

    def clean_lasts(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["lasts"]))


class PilotList(KeysetChangeList):
    """Knows which of its pilots run, and what this person may see and do."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for pilot in self.result_list:
            _know(pilot, request)


@admin.register(Pilot)
class PilotAdmin(EvidenceAdmin):
    """What is being tried, and what was; nobody edits it."""

    change_list_template = "admin/routing/pilot/change_list.html"
    list_display = ("what", "state", "who", "started_by", "started_at", "at_once")
    list_display_links = ("what",)
    list_select_related = ("started_by", "ended_by")
    fields = ("state", "who", "started_by", "started_at", "until")
    readonly_fields = ("state", "who")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PilotList

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.defer("document")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            _know(found, request)
        return found

    def get_urls(self) -> list[URLPattern]:
        within = self.admin_site.admin_view
        return [
            path("start/", within(self.start_view), name="routing_pilot_start"),
            path("<int:pk>/renew/", within(self.renew_view), name="routing_pilot_renew"),
            path("<int:pk>/end/", within(self.end_view), name="routing_pilot_end"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"may_start": request.user.has_perm(PUBLISH), **(extra_context or {})}
        return super().changelist_view(request, shown)

    @admin.display(description=gettext_lazy("pilot"))
    def what(self, pilot: Pilot) -> str:
        return str(pilot)

    @admin.display(description=gettext_lazy("state"))
    def state(self, pilot: Any) -> str:
        if pilot.runs:
            return _("Runs until %(moment)s") % {"moment": _moment(pilot.until)}
        if pilot.ended_by:
            return _("Ended %(moment)s by %(who)s") % {"moment": _moment(pilot.ended_at), "who": pilot.ended_by}
        return _("Over since %(moment)s") % {"moment": _moment(pilot.ended_at or pilot.until)}

    @admin.display(description=gettext_lazy("callers"))
    def who(self, pilot: Any) -> Any:
        numbers = pilot.callers if pilot.in_clear else map(masked, pilot.callers)
        return format_html_join(", ", "{}", ((left_to_right(each),) for each in numbers)) or "-"

    @admin.display(description=gettext_lazy("at once"))
    def at_once(self, pilot: Any) -> Any:
        if not pilot.may_act:
            return ""
        ways = [("renew", _("Use today's draft")), ("end", _("End now"))]
        return format_html_join(
            " · ",
            '<a href="{}">{}</a>',
            ((reverse(f"admin:routing_pilot_{name}", args=[pilot.pk]), words) for name, words in ways),
        )

    def start_view(self, request: HttpRequest) -> HttpResponse:
        _require(request)
        follows = [
            _("Calls from these numbers are decided by the draft as it is now, on the live line."),
            _("Everybody else is decided by the live release, as ever."),
            *_changes(request),
        ]
        question = Question(_("Try the draft on the live line"), follows, _("Start the pilot"), _list())

        def start(answer: dict[str, Any]) -> str:
            until = timezone.now() + answer["lasts"]
            _refused_in_words(lambda: pilots.start(answer["callers"], until, _person(request)))
            return _("The pilot runs until %(moment)s.") % {"moment": _moment(until)}

        return ask(self, request, question, StartForm, start)

    def renew_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request)
        pilot = get_object_or_404(Pilot, pk=pk)
        follows = [
            _("The same callers are decided by the draft as it is now. The end stays %(moment)s.")
            % {"moment": _moment(pilot.until)},
            *_changes(request),
        ]
        question = Question(_("Use today's draft?"), follows, _("Use today's draft"), _list())

        def renew(_answer: dict[str, Any]) -> str:
            _refused_in_words(lambda: pilots.renew(pilot, _person(request)))
            return _("The pilot goes on with today's draft.")

        return ask(self, request, question, ConfirmForm, renew)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request)
        pilot = get_object_or_404(Pilot, pk=pk)
        follows = [_("Its callers are decided by the live release again.")]
        question = Question(_("End this pilot?"), follows, _("End now"), _list())

        def end(_answer: dict[str, Any]) -> str:
            pilots.end(pilot, _person(request))
            return _("The pilot has ended.")

        return ask(self, request, question, ConfirmForm, end)


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(PUBLISH):
        raise PermissionDenied


def _person(request: HttpRequest) -> Any:
    return request.user


def _know(pilot: Any, request: HttpRequest) -> None:
    pilot.runs = pilot.ended_at is None and timezone.now() < pilot.until
    pilot.may_act = pilot.runs and request.user.has_perm(PUBLISH)
    pilot.in_clear = request.user.has_perm(SEES_CALLERS)


def _list() -> str:
    return reverse("admin:routing_pilot_changelist")


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _changes(request: HttpRequest) -> list[str]:
    """What is tried: how it differs from what is live, in sentences."""
    live, draft = publishing.contents(publishing.live()), render()
    try:
        tried = pilots.to_try(_person(request), live, draft)
    except publishing.NotWhole as refusal:
        return [*_needs(refusal.lacks, live, draft), str(OTHERS_FIRST)]
    found = [str(each.sentence) for each in differences(live, tried)]
    if tried == draft:
        return _first(found) or [_("The draft is what is live: there is nothing to try yet.")]
    limits = _("Only what your team may publish is tried. The rest of the draft stays as it is live.")
    return [limits, *(_first(found) or [_("None of it differs from what is live: there is nothing to try yet.")])]


def _first(found: list[str]) -> list[str]:
    """As many as are read, and how many more there are."""
    shown, more = found[:MOST_CHANGES], len(found) - MOST_CHANGES
    if more > 0:
        shown.append(ngettext("… and %(n)s more change", "… and %(n)s more changes", more) % {"n": more})
    return shown


def _needs(lacks: Iterable[Lack], live: Document | None, draft: Document) -> list[str]:
    """What of others the person's own part of the draft needs."""
    return [
        _("%(thing)s also needs: %(needs)s")
        % {"thing": title_of(lack.thing, live, draft), "needs": title_of(lack.needs, live, draft)}
        for lack in lacks
    ]


def _refused_in_words(act: Callable[[], object]) -> None:
    """What keeps a draft from being tried, for the form to say. Raises ValidationError."""
    try:
        act()
    except publishing.NotPublishable as refusal:
        raise ValidationError([each.message for each in refusal.problems]) from refusal
    except publishing.NotWhole as refusal:
        raise ValidationError(OTHERS_FIRST) from refusal  # what is needed stands above the form
    except pilots.NothingLive as refusal:
        raise ValidationError(_("Nothing is live yet: publish the draft first.")) from refusal
    except ReleaseError as refusal:
        raise ValidationError(str(refusal)) from refusal
