"""People who log in, and the groups that say what they may do."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Field, Model, QuerySet
from django.forms import CheckboxSelectMultiple
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts import (
    invitations,
    leaving,  # noqa: F401 - what it says is heard by the pages
    links,
)
from contactcenter.accounts.models import User
from contactcenter.accounts.people_forms import NewPersonForm, PersonForm
from contactcenter.accounts.permission_words import by_thing, speak
from contactcenter.accounts.roles import ROLES
from contactcenter.accounts.team_pages import TeamAdmin  # noqa: F401 - registers itself
from contactcenter.foundation.consequence_admin import SaysConsequences
from contactcenter.foundation.lost_updates import LostUpdates
from contactcenter.foundation.translating import listed
from contactcenter.foundation.undo import Undoable

HELP = {
    "first_name": _("Shown in the portal."),
    "last_name": _("Shown in the portal."),
    "email": _("Where we can reach this person."),
    "last_login": _("When this person last logged in."),
    "date_joined": _("Since when this login exists."),
    "name": _("Such as: Supervisors."),
    "permissions": _("What members of the group may do."),
}

PLAINER = {
    "is_active": _("Off: this person can no longer log in. Better than deleting: the history keeps the name."),
    "is_superuser": _("May do everything, and makes other superusers."),
    "username": _("A short name to log in by."),
}
"""Where Django's own words are for programmers."""

admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])


class WithHelp(SaysConsequences, LostUpdates, Undoable):
    """Gives a help text to Django's own fields that have none."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.help_text = PLAINER.get(db_field.name) or field.help_text or HELP.get(db_field.name) or ""
        if field and db_field.related_model is Permission:
            speak(field)
        return field


@admin.register(User)
class PortalUserAdmin(WithHelp, UserAdmin):
    """Logins. Only a superuser makes or touches a superuser, or says who is limited to which teams."""

    about = _("People who log in. Each has one or more roles, which say what he may do.")
    fieldsets = (
        (None, {"fields": ("email", ("first_name", "last_name"), "is_active")}),
        (_("What this person may do"), {"fields": ("groups", "teams", "is_superuser")}),
        (_("How this person logs in"), {"fields": ("username", "password", "language", ("last_login", "date_joined"))}),
        (_("More than the roles allow"), {"fields": ("is_staff", "user_permissions"), "classes": ("collapse",)}),
    )
    switched_off_by = "is_active"
    switching_off_means = _("This person can no longer work in the portal:")
    filter_horizontal = ()  # its two boxes have names that a screen reader may not read out
    readonly_fields = ("last_login", "date_joined")
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    add_fieldsets = ((None, {"fields": ("email", "first_name", "last_name", "username", "groups")}),)
    list_display = ("username", "whole_name", "roles", "of_teams", "invitation", "last_login", "is_active")
    list_filter = ("groups", "teams", "is_active")
    search_help_text = _("Part of a name or of an e-mail address")

    @admin.display(description=_("name"), ordering="last_name")
    def whole_name(self, person: User) -> str:
        return person.get_full_name() or "–"

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        if person.is_superuser:
            return gettext("superuser: everything")
        return listed(map(str, person.groups.all())) or "–"

    @admin.display(description=_("teams"))
    def of_teams(self, person: User) -> str:
        return listed(team.name for team in person.teams.all()) or "–"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("groups", "teams"):
            kwargs["widget"] = CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.label = _("Roles")
            field.help_text = _("What the person may do. Without a role nothing in the portal is open.")
        return field

    @admin.display(description=_("invitation"), empty_value="–")
    def invitation(self, person: User) -> str | None:
        return invitations.state(person) or None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("access_links", "groups", "teams")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An address that is no longer this person's does not open his login either, nor does what was sent there."""
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if change and "email" in form.changed_data:
            links.end(obj, timezone.now())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The invitation goes out when the person is saved: no transaction waits for the mail server."""
        answer = super().add_view(request, form_url, extra_context)
        person, by = getattr(request, "person_added", None), request.user
        if person and isinstance(by, User):
            invitations.invite(person, request, by=by)
        return answer

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        request.person_added = obj  # type: ignore[attr-defined]  # from the form to add_view
        return super().response_add(request, obj, post_url_continue)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        shown = _of_login(person) if person and _is_superuser(request) else {}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, "is_superuser", "teams")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


@admin.register(Group)
class PortalGroupAdmin(WithHelp, GroupAdmin):
    """Groups with their permissions. The roles that come with the portal are as they are."""

    filter_horizontal = ()

    @admin.display(description=_("name"))
    def role(self, group: Group) -> str:
        return str(group)

    @admin.display(description=_("permissions"))
    def allowed(self, group: Group) -> SafeString:
        """Read-only, Django would say them in English, one after the other."""
        things = by_thing(group.permissions.select_related("content_type"))
        rows = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', things)
        return format_html("<table>{}</table>", rows)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("role", "allowed") if _is_role(obj) else ("name", "permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_role(obj)


def _of_login(person: User) -> dict[str, Any]:
    """What a superuser sees of a person's way in, and may do about it."""
    return {
        "invitation": invitations.state(person),
        "may_invite": person.is_active and not invitations.is_accepted(person),
        "has_second_factor": Authenticator.objects.filter(user=person).exists(),
        "links": person.access_links.select_related("made_by")[:5],
    }


def _is_role(group: Any) -> bool:
    return group is not None and group.name in ROLES


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, person: Any) -> bool:
    return person is None or not person.is_superuser or _is_superuser(request)
