"""How a change becomes a record of django-simple-history: what differs, and what it was before, whoever wrote that."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from django.db import models
from django.db.models import Model
from django.db.models.signals import pre_save
from simple_history.models import HistoricalRecords

FOUND = "found"
"""The reason of a record that only says how a thing was when somebody came to change it."""

RESTORED = "restored"
"""The reason of a record that says that a deletion was undone."""

SECRETS = "secrets: "
"""The reason of a record that goes with changed secrets begins so; their fields' names follow, never a value."""

PAUSED: ContextVar[bool] = ContextVar("history_paused", default=False)
"""Whether much is being written anew, of which only the outcome is recorded: rewriting.py."""

RECORDERS: dict[type[Model], "Records"] = {}
"""What records a model's changes."""


def secrets_of(record: Any) -> list[str]:
    """The fields whose secret changed with this record."""
    reason: str = record.history_change_reason or ""
    return reason.removeprefix(SECRETS).split(", ") if reason.startswith(SECRETS) else []


class Records(HistoricalRecords):
    """A record for each change that changed something; the words of a field stay with the model itself.

    `secrets`: fields of which it is recorded that they changed, and nothing else.
    """

    def __init__(self, secrets: Sequence[str] = (), **options: Any) -> None:
        super().__init__(history_id_field=models.BigAutoField(), **options)
        self.secrets = secrets

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        RECORDERS[sender] = self
        pre_save.connect(self.pre_save, sender=sender, weak=False)

    def copy_fields(self, model: Any) -> dict[str, Any]:
        """Columns only: a word or a choice that changes would otherwise need a migration here as well."""
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.help_text, field.choices, field.verbose_name, field._verbose_name = "", None, None, None
            field._validators = []
        return fields

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        options = super().get_meta_options(model)
        wordless = {name: option for name, option in options.items() if not name.startswith("verbose_name")}
        return wordless | {"default_permissions": ()}

    def get_meta_options_m2m(self, through_model: Any) -> dict[str, Any]:
        return {"default_permissions": ()}

    def is_wanted(self, instance: Model) -> bool:
        """Whether this change is recorded at all."""
        return not PAUSED.get() and not hasattr(instance, "skip_history_when_saving")

    def pre_save(self, instance: Any, raw: bool = False, update_fields: Any = None, **_more: Any) -> None:
        """Record how the thing stands now, unless that is known: bulk writes and older versions left no record."""
        tracked = self.fields_included(instance)
        names = {name for field in tracked for name in (field.name, field.attname)} | {*self.secrets}
        is_touched = update_fields is None or bool(names & {*update_fields})
        instance._recorded_before = None
        if raw or instance._state.adding or not is_touched or not self.is_wanted(instance):
            return
        stored = type(instance)._base_manager.filter(pk=instance.pk).first()
        if stored is None:
            return
        instance._recorded_before = self.values(stored)
        changed = [name for name in self.secrets if getattr(stored, name) != getattr(instance, name)]
        if changed:
            instance._change_reason = SECRETS + ", ".join(changed)
        self.record_as_found(stored)

    def record_as_found(self, stored: Any) -> None:
        """Record how the thing stands before it is changed, if its last record says something else."""
        values = self.values(stored)
        history = getattr(type(stored), self.manager_name)
        if history.filter(**{stored._meta.pk.attname: stored.pk}).values(*values).first() != values:
            stored._history_user, stored._change_reason = None, FOUND
            self.create_historical_record(stored, "~")

    def values(self, instance: Any) -> dict[str, Any]:
        """What is recorded, as the database gives it: code may have set texts where it holds times and numbers."""
        return {each.attname: _plain(each, getattr(instance, each.attname)) for each in self.fields_included(instance)}

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        before = instance.__dict__.pop("_recorded_before", None)
        has_changed = before is not None and before != self.values(instance)
        if (created or has_changed or hasattr(instance, "_change_reason")) and self.is_wanted(instance):
            super().post_save(instance, created, using=using, **kwargs)
        instance.__dict__.pop("_change_reason", None)

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        if self.is_wanted(instance):
            super().post_delete(instance, using=using, **kwargs)

    def create_historical_record_m2ms(self, history_instance: Any, instance: Any) -> None:
        """What has just been made is related to nothing yet: no need to ask."""
        if history_instance.history_type != "+":
            super().create_historical_record_m2ms(history_instance, instance)

    def m2m_changed(self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **more: Any) -> None:
        if not reverse and (pk_set is None or pk_set) and self.is_wanted(instance):
            super().m2m_changed(instance, action, attr, pk_set, reverse, **more)


class PeoplesRecords(Records):
    """Of what a sync or another program writes all the time: only what a person who is logged in changes."""

    def is_wanted(self, instance: Model) -> bool:
        return self.get_history_user(instance) is not None and super().is_wanted(instance)


def _plain(field: Any, value: Any) -> Any:
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)
