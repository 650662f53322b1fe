"""The list of blocked callers: who is on it, why and until when; found by number, true at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.admin import KeysetAdmin, PortalAdmin, left_to_right
from queues.admin.switch_forms import ConfirmForm
from queues.admin.switching import Question, ask
from routing import blocking
from routing.admin.decision_search import decision_of
from routing.masking import SEES_CALLERS
from routing.models import BlockedCaller

NEVER, SENT = BlockedCaller.Treatment.NEVER, BlockedCaller.Treatment.SENT


class HoldsFilter(admin.SimpleListFilter):
    """Whether it is in force now."""

    title = gettext_lazy("in force")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("now")), ("no", gettext_lazy("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        if self.value() == "yes":
            return queryset.filter(Q(until__isnull=True) | Q(until__gt=now))
        return queryset.filter(until__lte=now) if self.value() == "no" else queryset


class BlockedCallerForm(forms.ModelForm):
    """One entry. Who blocks a customer of the highest tier is told so, and says that he means it."""

    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=32,
        help_text=gettext_lazy("With country code, such as +39 333 123 4567."),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr", "inputmode": "tel", "autocomplete": "off"}),
    )
    # In sight only once it is asked for: then something is wrong with it.
    sure = forms.BooleanField(
        label=gettext_lazy("Block all the same"),
        required=False,
        help_text=gettext_lazy("Only needed for a customer of your highest tier."),
        widget=forms.CheckboxInput(attrs={"data-shown-by": "treatment", "data-shown-for": "never"}),
    )

    class Meta:
        model = BlockedCaller
        fields = ("number", "is_prefix", "treatment", "queue", "reason", "until")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        text, is_prefix, treatment = given.get("number"), bool(given.get("is_prefix")), given.get("treatment")
        if until := given.get("until"):
            self._ahead(until)
        if treatment == SENT and not given.get("queue"):
            self.add_error("queue", _("Say to which queue the call is sent."))
        if treatment != SENT:
            given["queue"] = None
        if text:
            try:
                number = given["number"] = blocking.read_number(text, is_prefix=is_prefix)
                self._judge(number, is_prefix=is_prefix, treatment=treatment, sure=bool(given.get("sure")))
            except ValidationError as error:
                self.add_error("number", error)
        return given

    def _ahead(self, until: Any) -> None:
        if "until" in self.changed_data and until <= timezone.now():
            self.add_error("until", _("The end must lie ahead."))

    def _judge(self, number: str, *, is_prefix: bool, treatment: Any, sure: bool) -> None:
        """Raises ValidationError for a number that is listed already, or that must not be blocked."""
        same = blocking.in_force().filter(number=number, is_prefix=is_prefix).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError(_("This number is on the list already: change that entry."))
        if treatment == NEVER:
            return
        blocking.refuse_ours(number, is_prefix=is_prefix)
        blocking.refuse_protected(number, is_prefix=is_prefix)
        people = blocking.valued(number, is_prefix=is_prefix)
        if people and not sure:
            self.add_error("sure", " ".join((blocking.warning(people), _("Tick this if you mean it."))))


@admin.register(BlockedCaller)
class BlockedCallerAdmin(KeysetAdmin, PortalAdmin):
    """Whose calls are turned away. Only for those who may see callers' numbers in clear."""

    form = BlockedCallerForm
    change_list_template = "admin/keyset_change_list.html"
    actions = None
    list_display = ("listed", "treatment", "queue", "reason", "state", "created_by", "at_once")
    list_display_links = ("listed",)
    list_filter = (HoldsFilter, "treatment")
    list_select_related = ("queue", "created_by")
    search_fields = ("number__exact",)
    search_help_text = gettext_lazy("A whole number with country code: also finds entries for numbers that begin so.")
    fields = ("number", "is_prefix", "treatment", "queue", "reason", "until", "sure")
    readonly_fields = ("created_by", "created_at")
    shown_for = {"queue": ("treatment", SENT.value)}

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = self.list_display
        return shown if self.has_change_permission(request) else tuple(each for each in shown if each != "at_once")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self.has_change_permission(request, obj):
            return [name for name in (*self.fields, "created_by", "created_at") if name != "sure"]
        return [*self.fields, "created_by", "created_at"] if obj else self.fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and request.user.has_perm(SEES_CALLERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.has_perm(SEES_CALLERS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Decisions name the entry that stopped a caller: it is ended, and stays."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By number, however it is typed: its own entry, and those for all that begin like it."""
        text = search_term.strip()
        if not text:
            return queryset, False
        try:
            number = blocking.read_number(text, is_prefix=False)
        except ValidationError:
            number = text
        return blocking.covering(number, queryset), False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The caller of the decision one comes from: no number stands in the address of the page."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        decision = decision_of(request)
        return initial | {"number": decision.caller} if decision else initial

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.unblock_view)
        return [path("<int:pk>/unblock/", view, name="routing_blockedcaller_unblock"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def unblock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = get_object_or_404(BlockedCaller, pk=pk)
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        follows = [_("Listed because: %(reason)s") % {"reason": entry.reason}, _("The entry stays, as evidence.")]
        back = reverse("admin:routing_blockedcaller_changelist")
        question = Question(_("End the entry for %(number)s?") % {"number": entry.shown}, follows, _("End now"), back)

        def unblock(_answer: dict[str, Any]) -> str:
            blocking.unblock(entry)
            return _("The entry has ended.")

        return ask(self, request, question, ConfirmForm, unblock)

    @admin.display(description=gettext_lazy("number"))
    def listed(self, entry: BlockedCaller) -> Any:
        return left_to_right(entry.shown)

    @admin.display(description=gettext_lazy("state"))
    def state(self, entry: BlockedCaller) -> str:
        if entry.until is None:
            return _("In force for good")
        moment = date_format(timezone.localtime(entry.until), "DATETIME_FORMAT")
        words = _("In force until %(moment)s") if entry.in_force() else _("Over since %(moment)s")
        return words % {"moment": moment}

    @admin.display(description=gettext_lazy("at once"))
    def at_once(self, entry: BlockedCaller) -> Any:
        if not entry.in_force():
            return ""
        address = reverse("admin:routing_blockedcaller_unblock", args=[entry.pk])
        return format_html('<a href="{}">{}</a>', address, _("End now"))
