"""What the portal does anyway, heard and written down: changes, logins, releases, switches, the admin's log."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model, Q
from django.db.models.signals import post_save
from simple_history.signals import post_create_historical_record

from contactcenter.accounts.models import User
from contactcenter.audit import rewriting as written_anew
from contactcenter.audit.chain import note
from contactcenter.audit.models import Action
from contactcenter.audit.records import FOUND, RESTORED
from contactcenter.foundation.noting import noted
from customers.models import Erasure
from queues.models import Switch
from routing.models import ApiKey, Release

RECORDED = {"+": Action.CREATED, "~": Action.CHANGED, "-": Action.DELETED}
SAID = {"exported": Action.EXPORTED, "imported": Action.IMPORTED}
"""How a message in the admin's log begins that tells of more than a change."""


def connect() -> None:
    """Start listening; once, when Django is ready."""
    post_create_historical_record.connect(_recorded)
    user_logged_in.connect(_logged_in)
    user_logged_out.connect(_logged_out)
    user_login_failed.connect(_login_failed)
    post_save.connect(_published, sender=Release)
    post_save.connect(_switched, sender=Switch)
    post_save.connect(_erased, sender=Erasure)
    post_save.connect(_logged, sender=LogEntry)
    noted.connect(_noted)
    written_anew.connect()


def _note(action: str, thing: Model, user_id: int | None) -> None:
    note(action, thing._meta.label_lower, thing.pk, user_id)


def _recorded(instance: Model, history_instance: Any, **_: object) -> None:
    if history_instance.history_change_reason == FOUND:
        return
    action = RECORDED[history_instance.history_type]
    if isinstance(instance, ApiKey) and action == Action.CREATED:
        action = Action.KEY_MADE
    if history_instance.history_change_reason == RESTORED:
        action = Action.RESTORED
    _note(action, instance, history_instance.history_user_id)


def _logged_in(user: Any, **_: object) -> None:
    _note(Action.LOGGED_IN, user, user.pk)


def _logged_out(user: Any, **_: object) -> None:
    if user is not None:
        _note(Action.LOGGED_OUT, user, user.pk)


def _login_failed(credentials: dict[str, Any], **_: object) -> None:
    """Whose login was tried, if there is such a person: what was typed may be anything, a password even."""
    typed = [str(credentials[name]) for name in ("username", "email") if credentials.get(name)]
    named = Q(username__in=typed) | Q(email__in=[each.lower() for each in typed])
    found = User.objects.filter(named).values_list("pk", flat=True).first()
    note(Action.LOGIN_FAILED, User._meta.label_lower, found or "", None)


def _published(instance: Release, created: bool, **_: object) -> None:
    if created:
        action = Action.PUBLISHED if instance.rolled_back_from is None else Action.ROLLED_BACK
        _note(action, instance, instance.published_by_id)


def _switched(instance: Switch, created: bool, **_: object) -> None:
    _note(Action.SWITCHED, instance, instance.created_by_id if created else instance.ended_by_id)


def _erased(instance: Erasure, created: bool, **_: object) -> None:
    if created:
        _note(Action.ERASED, instance, instance.requested_by_id)


def _logged(instance: LogEntry, created: bool, **_: object) -> None:
    """Of what has no history of its own, and of exports, the admin's log is what is known."""
    kind = instance.content_type.model_class() if instance.content_type else None
    if not created or kind is None:
        return
    said = SAID.get(instance.change_message[:8])
    if said:
        note(said, kind._meta.label_lower, instance.object_id or "", instance.user_id)
    elif not hasattr(kind, "history") and kind not in (Release, Switch, Erasure):
        action = {1: Action.CREATED, 2: Action.CHANGED, 3: Action.DELETED}[instance.action_flag]
        note(action, kind._meta.label_lower, instance.object_id or "", instance.user_id)


def _noted(action: str, thing: Model, user_id: int | None, **_: object) -> None:
    _note(Action(action), thing, user_id)
