"""The roles of the portal, as groups that come with it: who may look, prepare, publish, connect.

Each `migrate` that alters something gives a role exactly what stands here: a new page reaches those it is meant for.
Who needs something in between makes a group of his own beside them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils.translation import pgettext_lazy

SUPERVISOR, PUBLISHER, ANALYST = "Supervisor", "Publisher", "Analyst"
INTEGRATOR, AUDITOR = "Integrator", "Auditor"

NAMES = {
    SUPERVISOR: pgettext_lazy("role", "Supervisor"),
    PUBLISHER: pgettext_lazy("role", "Publisher"),
    ANALYST: pgettext_lazy("role", "Analyst"),
    INTEGRATOR: pgettext_lazy("role", "Integrator"),
    AUDITOR: pgettext_lazy("role", "Auditor"),
}
"""How people read the roles; stored, and in the docs, they are English."""

VIEW = ("view",)
EVERYTHING = ("view", "add", "change", "delete")

SET_UP = [
    "routing.flow",
    "routing.fetchstep",
    "routing.branch",
    "routing.samplecall",
    "routing.number",
    "routing.notificationtarget",
    "queues.queue",
    "queues.calendar",
    "queues.openinghours",
    "queues.calendarexception",
    "queues.accountmanager",
    "customers.loyaltytier",
    "customers.tierpolicy",
    "customers.tierrule",
    "customers.tiershare",
    "customers.attributedefinition",
    "customers.identitypolicy",
]
"""What a supervisor arranges: the draft, tiers, hours, people's managers."""

PEOPLE = [
    "customers.customer",
    "customers.handle",
    "customers.externalidentity",
    "customers.tieroverride",
    "routing.blockedcaller",
]

CONNECTIONS = [
    "routing.provideraccount",
    "routing.apikey",
    "queues.phonesystem",
    "queues.helpdesk",
    "customers.datasource",
    "customers.datasourcevariable",
    "customers.crmconnection",
    "customers.fieldmapping",
    "customers.tiermapping",
    "customers.crmpush",
    "customers.uploadedlist",
    "customers.safeguards",
    "customers.alertdestination",
]
"""What ties the portal to other systems."""

FIGURES = ["routing.decision", "routing.contactevent", "queues.queuestate"]
"""What analysts count."""

EVIDENCE = [
    "routing.release",
    "routing.pilot",
    "routing.conversation",
    "routing.inboundmessage",
    "routing.delivery",
    "routing.notification",
    "routing.numberuse",
    "routing.monthlymail",
    "routing.reportsettings",
    "queues.switch",
    "customers.syncrun",
    "customers.stagedrecord",
    "customers.rejectedrow",
    "customers.tierchange",
    "customers.demotioncandidate",
    "customers.customermerge",
    "customers.alert",
    "customers.crmevent",
    "customers.erasure",
]
"""What happened, and what the portal did about it."""

SEES_CALLERS = "routing.view_callers"
"""Callers' numbers in clear; without it they are masked."""


def _on(models: Iterable[str], actions: Iterable[str]) -> set[str]:
    return {model.replace(".", f".{action}_") for model in models for action in actions}


_LOOKS = _on([*SET_UP, *PEOPLE, *CONNECTIONS, *FIGURES, *EVIDENCE], VIEW) | {SEES_CALLERS}
_SUPERVISES = (
    _LOOKS - _on(["routing.apikey"], VIEW)
    | _on([*SET_UP, *PEOPLE], EVERYTHING)
    | {"queues.use_switch", "customers.add_uploadedlist", "routing.change_reportsettings"}
)

ROLES: dict[str, frozenset[str]] = {
    SUPERVISOR: frozenset(_SUPERVISES),
    PUBLISHER: frozenset(
        _SUPERVISES
        | {"routing.publish_release", "routing.rollback_release", "customers.approve_syncrun"}
        | {"customers.merge_customers", "customers.erase_person", "customers.export_person"}
    ),
    ANALYST: frozenset(
        _on(FIGURES, VIEW) | _on(["routing.flow", "routing.release", "queues.queue", "customers.loyaltytier"], VIEW)
    ),
    INTEGRATOR: frozenset(
        _LOOKS
        | _on([*CONNECTIONS, "routing.number"], EVERYTHING)
        | {"customers.run_sync", "routing.resend_delivery", "routing.resend_notification"}
    ),
    AUDITOR: frozenset(_LOOKS | {"audit.view_event"}),
}
"""Role to permissions, as `app.codename`. Logins and groups are made by superusers only."""


def in_words(group: Group) -> str:
    """A role in the reader's language; a group of the customer's own as he named it."""
    return str(NAMES.get(group.name, group.name))


def after_migrating(sender: AppConfig, using: str, plan: Sequence[tuple[Any, bool]] = (), **_further: Any) -> None:
    """Something was migrated: there may be models of which the roles know nothing yet."""
    if plan and using == "default":
        for config in apps.get_app_configs():
            create_permissions(config, verbosity=0, using=using)
        establish()


def establish() -> None:
    """Each role with its permissions, and with no others."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for name, wanted in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set([known[each] for each in wanted if each in known])
