"""People who log in, and the groups that say what they may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Field, Model
from django.forms import Field as FormField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts.models import User
from contactcenter.accounts.roles import ROLES

HELP = {
    "first_name": _("Shown in the portal."),
    "last_name": _("Shown in the portal."),
    "email": _("Where we can reach this person."),
    "last_login": _("When this person last logged in."),
    "date_joined": _("Since when this login exists."),
    "name": _("Such as: Supervisors."),
    "permissions": _("What members of the group may do."),
}

admin.site.unregister(Group)


class WithHelp(admin.ModelAdmin):
    """Gives a help text to Django's own fields that have none."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and not field.help_text:
            field.help_text = HELP.get(db_field.name, "")
        return field


@admin.register(User)
class PortalUserAdmin(WithHelp, UserAdmin):
    """Logins. Only a superuser makes or touches a superuser."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


@admin.register(Group)
class PortalGroupAdmin(WithHelp, GroupAdmin):
    """Groups with their permissions. The roles that come with the portal are as they are."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_role(obj)


def _is_role(group: Any) -> bool:
    return group is not None and group.name in ROLES


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, person: Any) -> bool:
    return person is None or not person.is_superuser or _is_superuser(request)
