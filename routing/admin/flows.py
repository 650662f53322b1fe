"""Flows: fetch steps and branches on one page, in the order in which they are walked."""

from collections.abc import Sequence
from typing import Any

from adminsortable2.admin import CustomInlineFormSet, SortableAdminBase, SortableStackedInline
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Field, QuerySet
from django.forms import Field as FormField
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import LabelledCells, PlainRelations
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import NamedAdmin, NamesItself
from contactcenter.foundation.read_once import ReadOnce
from contactcenter.foundation.uses_in_lists import ShowsUses, UsesChangeList
from routing import publishing
from routing.admin import pictures
from routing.admin.condition_widget import PAGE_DATA_ID, ConditionsField, page_data
from routing.admin.known_values import known_values, sent_lately
from routing.admin.sample_rows import PROPOSED_ID, SampleCallInline, proposed
from routing.catalogue import Entry, catalogue, sent_along
from routing.document import Document, flows, render
from routing.models import Branch, FetchStep, Flow, Number
from routing.picture import MOST_NUMBERS
from routing.picture.shares import shares
from routing.wording import in_words


class OrderedRows(LabelledCells, ReadOnce, CustomInlineFormSet):
    """Rows with names that can be put in order."""


class FetchStepInline(PlainRelations, SortableStackedInline):
    """What is asked while the contact waits."""

    model = FetchStep
    formset = OrderedRows
    extra = 0
    fieldsets = [(None, {"fields": [("source", "slug", "precedence"), "position"]})]


class BranchForm(NamesItself):
    """A branch; what it was called once is what decisions and reports call it."""

    proposed_from = ("label",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if slug := self.fields.get("slug"):
            slug.required, slug.disabled = False, bool(self.instance.pk)

    def _get_validation_exclusions(self) -> set[str]:
        # The form has just found them: Django would ask the database again, branch by branch.
        return super()._get_validation_exclusions() | {"queue", "notify"}  # type: ignore[misc]  # Django's own, which the stubs leave out


class BranchInline(PlainRelations, SortableStackedInline):
    """Who goes where; the first branch that matches takes the contact."""

    model = Branch
    form = BranchForm
    formset = OrderedRows
    extra = 0
    template = "admin/edit_inline/ordered.html"
    prepopulated_fields = {"slug": ("label",)}
    # An inline is made anew for every request.
    draft: Document = {}
    entries: Sequence[Entry] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Flow | None = None) -> Any:
        conditions = "conditions" if self._may_edit(request, obj) else "conditions_in_words"
        rarely = [("priority_class", "head_start_s"), "notify", "slug"]
        return [
            (None, {"fields": ["label", conditions, ("target_kind", "queue"), "position"]}),
            (_("Priority, who else is told, short name"), {"fields": rarely, "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Flow | None = None) -> tuple[str, ...]:
        return () if self._may_edit(request, obj) else ("conditions_in_words",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what is named where it is only read."""
        return super().get_queryset(request).prefetch_related("queue", "notify")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "conditions":
            return ConditionsField(label=capfirst(db_field.verbose_name), help_text=CONDITIONS_HELP, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Flow | None = None, **kwargs: Any) -> Any:
        """The rows, knowing which variables this flow has."""
        formset = super().get_formset(request, obj, **kwargs)
        self.draft = shown(obj)
        of_flow = catalogue(self.draft, obj.slug if obj else None)
        self.entries = [*of_flow, *sent_along(sent_lately(), beside={entry.name for entry in of_flow})]
        field: Any = formset.form.base_fields.get("conditions")
        if field:
            field.entries = self.entries
        return formset

    @admin.display(description=_("who takes it"))
    def conditions_in_words(self, branch: Branch) -> str:
        return in_words(branch.conditions, {entry.name: entry for entry in self.entries})

    def _may_edit(self, request: HttpRequest, obj: Flow | None) -> bool:
        return self.has_change_permission(request, obj) or self.has_add_permission(request, obj)


def shown(flow: Flow | None) -> Document:
    """What the page of `flow` shows of the draft: no other flow, and the numbers that its picture names."""
    only = Flow.objects.filter(pk__in=[flow.pk] if flow else [])
    return render(only_flows=only, only_numbers=Number.objects.filter(flow__in=only)[:MOST_NUMBERS])


CONDITIONS_HELP = _(
    "All conditions of a group must be true; one group is enough. Without conditions everybody takes the branch. "
    "A new fetch step's variables can be chosen once it is saved."
)


class FlowList(UsesChangeList):
    """Compares once for the whole page what callers meet with what stands here."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        live = (publishing.contents(publishing.live()) or {}).get("flows", {})
        draft = flows()
        for flow in self.result_list:
            is_same = live.get(flow.slug) == draft.get(flow.slug)
            differs = gettext("an earlier version") if flow.slug in live else gettext("not yet")
            flow.published = gettext("as it stands here") if is_same else differs


@admin.register(Flow)
class FlowAdmin(SortableAdminBase, ShowsUses, NamedAdmin):
    """A flow on one page: fetch steps, branches in order, everyone else."""

    about = _("A flow decides which queue a caller reaches. Without branches everybody goes to one queue.")
    list_display = ("name", "used_by", "number_of_branches", "last_path", "published")
    list_select_related = ("last_path",)
    search_fields = ("name", "slug")
    fieldsets = [
        (None, {"fields": ["name"]}),
        (_("Everyone else"), {"fields": [("last_path", "notify")], "classes": ["everyone-else"]}),
        (_("For engineers"), {"fields": ["slug"], "classes": [FOLD]}),
    ]
    inlines = (FetchStepInline, BranchInline, SampleCallInline)
    change_form_template = "admin/routing/flow/change_form.html"

    class Media:
        js = ("portal/order.js", Script("portal/folds.js", defer=True))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(branch_count=Count("branches"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FlowList

    @admin.display(description=_("published"))
    def published(self, flow: Any) -> str:
        """Whether callers meet it as it stands here."""
        return str(flow.published)

    @admin.display(description=_("branches"), ordering="branch_count")
    def number_of_branches(self, flow: Any) -> int:
        return int(flow.branch_count)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        branches = [rows.opts for rows in context["inline_admin_formsets"] if isinstance(rows.opts, BranchInline)]
        entries = branches[0].entries if branches else ()
        context |= {"page_data": page_data(entries, known_values()), "page_data_id": PAGE_DATA_ID}
        if flow := context.get("original"):
            draft = branches[0].draft if branches else shown(flow)
            context |= {"proposed_numbers": proposed(flow), "proposed_id": PROPOSED_ID}
            context["picture"] = pictures.of_flow(
                request, draft, flow.slug, shares(flow.slug), numbers=flow.numbers.count()
            )
        return super().render_change_form(request, context, *args, **kwargs)
