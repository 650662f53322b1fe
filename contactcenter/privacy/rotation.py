"""Stored secrets under another key: the new key stands first, then every secret is encrypted again.

A secret that is under the first key already is left alone, so that a run that was killed goes on where it
was. Decide hosts get their secrets anew, because theirs are under the old key, too.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast

from contactcenter.accounts import factor_keys
from contactcenter.foundation import changes
from contactcenter.foundation.encryption import renewed
from contactcenter.foundation.fields import EncryptedTextField
from customers.models import DataSource
from routing.models import ProviderAccount

BATCH = 500


def encrypted_fields() -> list[tuple[type[Model], str]]:
    """Every encrypted field of every model."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate() -> dict[str, int]:
    """Encrypt whatever is under an older key under the first; how many, by field. Raises ValueError: no key fits."""
    done = {f"{model._meta.label}.{name}": sum(_rotate(model, name)) for model, name in encrypted_fields()}
    done["mfa.Authenticator.data"] = factor_keys.renew()
    with transaction.atomic():
        changes.mark(
            changes.ACCESS, [f"account:{uuid}" for uuid in ProviderAccount.objects.values_list("uuid", flat=True)]
        )
        changes.mark(changes.ACCESS, [f"source:{slug}" for slug in DataSource.objects.values_list("slug", flat=True)])
    return done


def _rotate(model: type[Model], name: str) -> Iterator[int]:
    """Batch by batch, in the order of the primary key: how many secrets each had."""
    rows = model._base_manager.annotate(token_of=Cast(name, TextField())).order_by("pk").values_list("pk", "token_of")
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        with transaction.atomic():
            yield sum(_renew(model, name, pk, token) for pk, token in batch)
        last = batch[-1][0]


def _renew(model: type[Model], name: str, pk: Any, token: str) -> int:
    """Whoever has typed a new secret meanwhile is not overruled."""
    if (new := renewed(token)) is None:
        return 0
    same = model._base_manager.annotate(token_of=Cast(name, TextField())).filter(pk=pk, token_of=token)
    return same.update(**{name: Value(new, output_field=TextField())})
