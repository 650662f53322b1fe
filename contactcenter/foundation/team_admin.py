"""Teams on every page of the portal: lists, pages, rows, choices and actions know whose things they show.

class QueueAdmin(NamedAdmin): ...                         belongs to a team itself: nothing to say
class QueueStateAdmin(EvidenceAdmin):
    team_path = "queue__belongs_to"                       a row of what belongs to a team
    list_filter = (("queue", VisibleFilter),)             offers what the person may see
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import teams
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.models import Team


class TeamChoices(BaseModelAdmin):
    """Choices of a form offer what the person may see, and what stands there already."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        mine = teams.teams_of(request.user)
        related: type[Model] = db_field.remote_field.model
        if mine and related is Team:
            kwargs["queryset"] = Team.objects.filter(pk__in=mine)
        elif mine and teams.has_owner(related):
            offered = kwargs.get("queryset", related._default_manager.all())
            kwargs["queryset"] = teams.visible(offered, request.user) | offered.filter(
                pk__in=_standing_there(self, db_field, request)
            )
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if mine and field and related is Team:
            _must_choose(field, mine)
        return field


class TeamRows(TeamChoices, InlineModelAdmin):
    """Rows on the page of something that may be another team's: then they are only read."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and teams.may_touch(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and teams.may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and teams.may_touch(request.user, obj)


class TeamLimits(TeamChoices, admin.ModelAdmin):
    """A page that shows, of what belongs to teams, what the person may see, and lets him change what is his team's."""

    team_path = ""
    """From a row to its team, where the row is of something that belongs to one."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        path = self.team_path or (teams.OWNER if teams.has_owner(self.model) else "")
        rows = super().get_queryset(request)
        return teams.visible(rows, request.user, path) if path else rows

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and teams.may_see(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and teams.may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and teams.may_touch(request.user, obj)

    def seen_or_404(self, request: HttpRequest, pk: Any) -> Any:
        """The thing with this key, for a page of its own: not there for whoever may not see it."""
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def touched_or_403(self, request: HttpRequest, pk: Any) -> Any:
        """The thing with this key, for a page that alters it."""
        thing = self.seen_or_404(request, pk)
        if not teams.may_touch(request.user, thing):
            raise PermissionDenied
        return thing

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Behind the others, whose it is; where there are no teams nobody is asked."""
        fieldsets = super().get_fieldsets(request, obj)
        if not teams.has_owner(self.model) or not _are_there_teams(request):
            return fieldsets
        return [*fieldsets, (_("Team"), {"fields": (teams.OWNER,), "classes": (FOLD,)})]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing = context.get("original")
        context["is_of_own_team"] = teams.may_touch(request.user, thing)
        if request.method == "GET" and not context["is_of_own_team"]:
            messages.info(request, gettext("This belongs to no team: you see it, and do not change it."))
        return super().render_change_form(request, context, *args, **kwargs)


class VisibleFilter(admin.RelatedFieldListFilter):
    """A filter of a list that names what the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        shown = teams.visible(field.remote_field.model._default_manager.all(), request.user)
        limit = {"pk__in": shown.values("pk")}
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=limit)


def limit(form: forms.BaseForm, user: Any) -> None:
    """Lets each choice of `form`, one that is not of the admin, offer what `user` may see."""
    if teams.OWNER in form.fields and not Team.objects.exists():
        del form.fields[teams.OWNER]
    mine = teams.teams_of(user)
    for field in form.fields.values() if mine else ():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            if field.queryset.model is Team:
                field.queryset = field.queryset.filter(pk__in=mine)
                _must_choose(field, mine)
            elif teams.has_owner(field.queryset.model):
                field.queryset = teams.visible(field.queryset, user)


def _must_choose(field: Any, mine: frozenset[int]) -> None:
    field.required, field.empty_label, field.initial = True, None, min(mine)


def _standing_there(page: Any, db_field: ForeignKey, request: HttpRequest) -> QuerySet | list[int]:
    """What the thing that is edited, or its rows, lead to now: it can be kept even where it is another team's."""
    pk = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
    if not str(pk).isdigit():
        return []
    own = "pk" if isinstance(page, admin.ModelAdmin) else _get_foreign_key(page.parent_model, page.model).name
    rows = db_field.model._default_manager.filter(Q(**{own: pk}), **{f"{db_field.name}__isnull": False})
    return rows.values(db_field.name)


def _are_there_teams(request: Any) -> bool:
    if not hasattr(request, "there_are_teams"):
        request.there_are_teams = Team.objects.exists()
    answer: bool = request.there_are_teams
    return answer
