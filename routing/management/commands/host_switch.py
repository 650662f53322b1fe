"""The switches of this decide host alone: for the day when its database or the portal is away. Needs neither."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from queues import state as kinds
from queues import switch_arguments, switches
from routing import host_switches
from routing.host_switches import Document


class Command(BaseCommand):
    help = (
        "Close, open or redirect on this decide host, without database and portal. Once the courier sees the database "
        "again it is told, and then it holds on every host. While the database is there, use `switch`."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="close|open|send|announce|end|list")
        close = verbs.add_parser("close", help="Send new contacts past a queue.")
        opened = verbs.add_parser("open", help="Let contacts in in spite of the opening hours.")
        send = verbs.add_parser("send", help="Send everybody who calls a number to a queue, or outside.")
        announce = verbs.add_parser("announce", help="Play an announcement to everybody who calls a number.")
        ended = verbs.add_parser("end", help="End a switch, wherever it was set.")
        verbs.add_parser("list", help="Show the switches that hold on this host.")
        for verb in (close, opened):
            verb.add_argument("queue", help="Short name of the queue: vip")
        for verb in (send, announce):
            verb.add_argument("number", help='The number called, with country code; "*" for every number')
        send.add_argument("--to", required=True, metavar="TARGET", help="Short name of a queue, or an outside number")
        announce.add_argument("--extension", required=True, help="The extension that plays it")
        announce.add_argument("--on", required=True, metavar="PHONE_SYSTEM", help="Short name of its phone system")
        for verb in (close, opened, send, announce):
            switch_arguments.add_why_and_until(verb)
        ended.add_argument("key", help="The switch, as `list` shows it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.stdout.write(VERBS[options["verb"]](options))
        except host_switches.NoLiveFile as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error


def _close(options: dict[str, Any]) -> str:
    return _of_a_queue(kinds.CLOSE, options)


def _open(options: dict[str, Any]) -> str:
    return _of_a_queue(kinds.OPEN, options)


def _of_a_queue(kind: str, options: dict[str, Any]) -> str:
    release = _release()
    slug = _known(options["queue"], release["queues"], "queue")
    return _begin(kind, slug, options, _zone(release, slug))


def _send(options: dict[str, Any]) -> str:
    release, number, to = _release(), switches.called_address(options["number"]), options["to"]
    if to.startswith("+"):
        said = _begin(kinds.SEND_OUTSIDE, number, options, UTC, address=switches.outside_number(to, number))
    else:
        slug = _known(to, release["queues"], "--to")
        said = _begin(kinds.SEND, number, options, _zone(release, slug), target=slug)
    return said + _if_unknown(number, release)


def _announce(options: dict[str, Any]) -> str:
    release, number = _release(), switches.called_address(options["number"])
    system = _known(options["on"], release["phone_systems"], "--on")
    extension = switches.announcement(options["extension"])
    said = _begin(kinds.ANNOUNCE, number, options, UTC, address=extension, phone_system=system)
    return said + _if_unknown(number, release)


def _end(options: dict[str, Any]) -> str:
    key = f"switch:{options['key']}"
    if key not in host_switches.in_force(settings.LIVE_DIR, _now()):
        raise CommandError(f"key: no switch {options['key']} holds on this host; `list` shows them.")
    host_switches.end(settings.LIVE_DIR, key, switch_arguments.typed_by(), _now())
    return f"Switch {options['key']} has ended on this host."


def _list(_options: dict[str, Any]) -> str:
    held = host_switches.in_force(settings.LIVE_DIR, _now())
    return "\n".join(_line(key, document) for key, document in held.items()) or "No switch is set."


VERBS: dict[str, Callable[[dict[str, Any]], str]] = {
    "close": _close,
    "open": _open,
    "send": _send,
    "announce": _announce,
    "end": _end,
    "list": _list,
}


def _begin(kind: str, subject: str, options: dict[str, Any], zone: tzinfo, **where: str) -> str:
    now, reason = _now(), options["reason"].strip()[:200]
    if not reason:
        raise CommandError("--reason: say why.")
    try:
        until = switch_arguments.read_until(options["until"], zone, now)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if until is not None and until <= now:
        raise CommandError("--until: the end must lie ahead.")
    by = switch_arguments.typed_by()
    document: Document = {"kind": kind, "subject": subject, "reason": reason, "by": by, "set_at": now.isoformat()}
    document |= where | ({"until": until.isoformat()} if until else {})
    return f"Set on this host: {_line(host_switches.begin(settings.LIVE_DIR, document), document)}"


def _line(key: str, document: Document) -> str:
    to = document.get("target") or document.get("address")
    until = f" until {document['until'][:16].replace('T', ' ')}{document['until'][-6:]}" if "until" in document else ""
    reason = f": {document['reason']}" if "reason" in document else ""
    subject = f"{document['kind']} {document['subject']}{f' to {to}' if to else ''}"
    return f"{key.removeprefix('switch:')}  {subject}{until}{reason}"


def _release() -> Document:
    found = host_switches.release(settings.LIVE_DIR)
    if not found:
        raise CommandError("This host holds no release yet: there is nothing to switch.")
    return found


def _known(slug: str, things: Document, argument: str) -> str:
    if slug not in things:
        raise CommandError(f'{argument}: "{slug}" is not in the live release. There are: {", ".join(sorted(things))}.')
    return slug


def _if_unknown(number: str, release: Document) -> str:
    known = {key.partition(":")[2] for key in release["numbers"]}
    return "" if number in {kinds.ALL_NUMBERS, *known} else f"\n{switch_arguments.UNKNOWN_NUMBER}"


def _zone(release: Document, queue: str) -> tzinfo:
    calendar = release["calendars"].get(release["queues"][queue].get("calendar", ""))
    return ZoneInfo(calendar["time_zone"]) if calendar else UTC


def _now() -> datetime:
    return datetime.now(UTC)
