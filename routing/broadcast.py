"""From rows of the database to what the decide plane reads: access documents, live state, listed callers."""

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

from contactcenter.foundation.encryption import encrypt
from customers.models import DataSource
from queues.models import AccountManager, QueueState, Switch
from routing import blocking, pilots
from routing.models import BlockedCaller, ProviderAccount

Documents = dict[str, dict[str, Any] | None]
"""By key; None means that the thing is gone, or no longer in force."""


def access_documents(keys: Iterable[str]) -> Documents:
    """Documents of `account:<uuid>` and `source:<slug>`; secrets stay encrypted."""
    found: Documents = dict.fromkeys(keys)
    uuids, slugs = _identifiers(found, "account"), _identifiers(found, "source")
    for account in ProviderAccount.objects.filter(uuid__in=uuids).prefetch_related("keys"):
        found[f"account:{account.uuid}"] = _account(account)
    for source in DataSource.objects.filter(slug__in=slugs):
        found[f"source:{source.slug}"] = {"secret": encrypt(source.secret)}
    return found


def _account(account: ProviderAccount) -> dict[str, Any]:
    keys = [
        {
            "sha256": key.sha256,
            "may_decide": key.may_decide,
            "may_report": key.may_report,
            "networks": key.networks.split(),
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        for key in account.keys.all()
        if key.revoked_at is None
    ]
    return {
        "slug": account.slug,
        "dialect": account.dialect,
        "enabled": account.is_enabled,
        "public_url": account.public_url.rstrip("/"),
        "secrets": [encrypt(secret) for secret in (account.secret, account.previous_secret) if secret],
        "networks": account.networks.split(),
        "keys": keys,
    }


def state_documents(keys: Iterable[str]) -> Documents:
    """Documents of `queue:<slug>`, `switch:<id>` and `manager:<slug>`."""
    found: Documents = dict.fromkeys(keys)
    for state in QueueState.objects.filter(queue__slug__in=_identifiers(found, "queue")).select_related("queue"):
        found[f"queue:{state.queue.slug}"] = {"statistics": state.statistics, "as_of": state.as_of.isoformat()}
    in_force = Switch.objects.filter(ended_at__isnull=True).select_related("target_queue", "target_system")
    for switch in in_force.filter(pk__in=_identifiers(found, "switch")):
        found[f"switch:{switch.pk}"] = _switch(switch)
    for manager in AccountManager.objects.filter(slug__in=_identifiers(found, "manager")).select_related(
        "phone_system", "calendar"
    ):
        found[f"manager:{manager.slug}"] = _manager(manager)
    return found


def caller_documents(keys: Iterable[str]) -> Documents:
    """Documents of `pilot:<id>` and `block:<id>`."""
    found: Documents = dict.fromkeys(keys)
    for pilot in pilots.running().defer(None).filter(pk__in=_identifiers(found, "pilot")):
        found[f"pilot:{pilot.pk}"] = {
            "document": pilot.document,
            "sha256": pilot.sha256,
            "callers": pilot.callers,
            "until": pilot.until.isoformat(),
        }
    for block in blocking.in_force().filter(pk__in=_identifiers(found, "block")):
        found[f"block:{block.pk}"] = _block(block)
    return found


def current_callers() -> list[str]:
    """The keys of all pilots that run and all entries in force."""
    running = [f"pilot:{pk}" for pk in pilots.running().values_list("pk", flat=True)]
    return running + [f"block:{pk}" for pk in blocking.in_force().values_list("pk", flat=True)]


def _block(block: BlockedCaller) -> dict[str, Any]:
    document: dict[str, Any] = {"number": block.number, "is_prefix": block.is_prefix, "treatment": block.treatment}
    if block.queue:
        document["queue"] = block.queue.slug
    if block.until:
        document["until"] = block.until.isoformat()
    return document


def current_state() -> Documents:
    """All that is true right now, as the couriers carry it: for trying calls in the portal."""
    keys = [f"queue:{slug}" for slug in QueueState.objects.values_list("queue__slug", flat=True)]
    keys += [f"switch:{pk}" for pk in Switch.objects.filter(ended_at__isnull=True).values_list("pk", flat=True)]
    keys += [f"manager:{slug}" for slug in AccountManager.objects.values_list("slug", flat=True)]
    return state_documents(keys)


def _switch(switch: Switch) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": switch.kind, "subject": switch.subject}
    document["set_at"] = switch.created_at.astimezone(UTC).isoformat()
    if switch.until:
        document["until"] = switch.until.isoformat()
    if switch.target_queue:
        document["target"] = switch.target_queue.slug
    if switch.target_address:
        document["address"] = switch.target_address
    if switch.target_system:
        document["phone_system"] = switch.target_system.slug
    return document


def _manager(manager: AccountManager) -> dict[str, Any]:
    document: dict[str, Any] = {
        "address": manager.address,
        "phone_system": manager.phone_system.slug if manager.phone_system else "",
        "answer_timeout_s": manager.answer_timeout_s,
        "calendar": manager.calendar.slug if manager.calendar else "",
        "present": manager.is_present,
    }
    if manager.present_until:
        document["present_until"] = manager.present_until.isoformat()
    return document


def _identifiers(keys: Iterable[str], kind: str) -> list[str]:
    return [key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")]


RENDERERS: dict[str, Callable[[Iterable[str]], Documents]] = {
    "access": access_documents,
    "state": state_documents,
    "callers": caller_documents,
}
