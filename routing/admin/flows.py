"""Flows: fetch steps and branches on one page, in the order in which they are walked."""

from collections.abc import Mapping, Sequence
from typing import Any

from adminsortable2.admin import CustomInlineFormSet, SortableAdminBase, SortableStackedInline
from django.contrib import admin
from django.db.models import Count, Field, QuerySet
from django.forms import BaseInlineFormSet, Textarea
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import LabelledCells, PlainRelations
from contactcenter.foundation.naming import NamedAdmin
from routing.admin import pictures
from routing.admin.condition_widget import PAGE_DATA_ID, ConditionsField, page_data
from routing.admin.known_values import known_values
from routing.catalogue import Entry, catalogue
from routing.document import render
from routing.models import Branch, FetchStep, Flow, Number, SampleCall
from routing.picture.shares import shares
from routing.wording import in_words


class OrderedRows(LabelledCells, CustomInlineFormSet):
    """Rows with names that can be put in order."""


class LabelledRows(LabelledCells, BaseInlineFormSet):
    """Rows with names."""


class FetchStepInline(PlainRelations, SortableStackedInline):
    """What is asked while the contact waits."""

    model = FetchStep
    formset = OrderedRows
    extra = 0
    fieldsets = [(None, {"fields": [("slug", "source", "precedence"), "position"]})]


class BranchInline(PlainRelations, SortableStackedInline):
    """Who goes where; the first branch that matches takes the contact."""

    model = Branch
    formset = OrderedRows
    extra = 0
    prepopulated_fields = {"slug": ("label",)}
    # An inline is made anew for every request.
    draft: Mapping[str, Any] = {}
    entries: Sequence[Entry] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Flow | None = None) -> Any:
        conditions = "conditions" if self._may_edit(request, obj) else "conditions_in_words"
        return [
            (
                None,
                {
                    "fields": [
                        ("label", "slug"),
                        conditions,
                        ("target_kind", "queue", "priority_class", "head_start_s"),
                        "notify",
                        "position",
                    ]
                },
            )
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Flow | None = None) -> tuple[str, ...]:
        return () if self._may_edit(request, obj) else ("conditions_in_words",)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "conditions":
            return ConditionsField(label=capfirst(db_field.verbose_name), help_text=CONDITIONS_HELP, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Flow | None = None, **kwargs: Any) -> Any:
        """The rows, knowing which variables this flow has."""
        formset = super().get_formset(request, obj, **kwargs)
        self.draft = render()
        self.entries = catalogue(self.draft, obj.slug if obj else None)
        field: Any = formset.form.base_fields.get("conditions")
        if field:
            field.entries = self.entries
        return formset

    @admin.display(description=_("who takes it"))
    def conditions_in_words(self, branch: Branch) -> str:
        return in_words(branch.conditions, {entry.name: entry for entry in self.entries})

    def _may_edit(self, request: HttpRequest, obj: Flow | None) -> bool:
        return self.has_change_permission(request, obj) or self.has_add_permission(request, obj)


class SampleCallInline(PlainRelations, admin.StackedInline):
    """Calls that must reach a queue before the draft can be published."""

    model = SampleCall
    formset = LabelledRows
    extra = 0
    fieldsets = [
        (None, {"fields": [("name", "tier", "expected"), ("weekday", "time", "number"), "known"]}),
    ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only numbers of this flow: there may be thousands of others."""
        if db_field.name == "number":
            flow = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kwargs["queryset"] = Number.objects.filter(flow=flow if flow and flow.isdigit() else None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "known":
            kwargs["widget"] = Textarea(attrs={"rows": 2, "cols": 40, "dir": "ltr"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


CONDITIONS_HELP = _(
    "All conditions of a group must be true; one group is enough. Without conditions everybody takes the branch. "
    "A new fetch step's variables can be chosen once it is saved."
)


@admin.register(Flow)
class FlowAdmin(SortableAdminBase, NamedAdmin):
    """A flow on one page: fetch steps, branches in order, everyone else."""

    list_display = ("name", "number_of_branches", "last_path")
    list_select_related = ("last_path",)
    search_fields = ("name", "slug")
    fieldsets = [(None, {"fields": [("name", "slug"), ("last_path", "notify")]})]
    inlines = (FetchStepInline, BranchInline, SampleCallInline)
    change_form_template = "admin/routing/flow/change_form.html"

    class Media:
        js = ("portal/order.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(branch_count=Count("branches"))

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
            draft = branches[0].draft if branches else render()
            context["picture"] = pictures.of_flow(request, draft, flow.slug, shares(flow.slug))
        return super().render_change_form(request, context, *args, **kwargs)
