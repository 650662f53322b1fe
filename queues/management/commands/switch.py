"""Close, open or redirect at once from the command line: for scripts. On a host without its database: host_switch."""

from datetime import datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from contactcenter.foundation.commands import OperatorCommand
from queues import standing, switch_arguments, switches
from queues.models import PhoneSystem, Queue, Switch


class Command(OperatorCommand):
    help = "Close, open or redirect at once. In force on every decide host within seconds, never part of a release."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="close|open|reopen|send|announce|end|list")
        close = verbs.add_parser("close", help="Send new contacts past a queue.")
        opened = verbs.add_parser("open", help="Let contacts in in spite of the opening hours.")
        reopen = verbs.add_parser("reopen", help="End the switch on a queue: its opening hours hold again.")
        send = verbs.add_parser("send", help="Send everybody who calls a number to a queue, or outside.")
        announce = verbs.add_parser("announce", help="Play an announcement to everybody who calls a number.")
        ended = verbs.add_parser("end", help="End a switch.")
        verbs.add_parser("list", help="Show the switches in force.")
        for verb in (close, opened, reopen):
            verb.add_argument("queue", help="Short name of the queue: vip")
        for verb in (send, announce):
            verb.add_argument("number", help='The number called, with country code; "*" for every number')
        send.add_argument("--to", required=True, metavar="TARGET", help="Short name of a queue, or an outside number")
        announce.add_argument("--extension", required=True, help="The extension that plays it")
        announce.add_argument("--on", required=True, metavar="PHONE_SYSTEM", help="Short name of its phone system")
        for verb in (close, opened, send, announce):
            switch_arguments.add_why_and_until(verb)
        ended.add_argument("id", type=int, help="Id of the switch, as `list` shows it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            said = VERBS[options["verb"]](options)
        except ValidationError as error:
            raise CommandError(_by_argument(error)) from error
        self.stdout.write(said)


def _close(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    return _set(switches.close_queue(queue, *_why(options, standing.zone_of(queue))))


def _open(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    return _set(switches.open_queue(queue, *_why(options, standing.zone_of(queue))))


def _reopen(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    switch = switches.on_queue(queue, timezone.now())
    if switch is None:
        raise CommandError(f'queue: no switch is set on "{queue.slug}". To go past its hours: switch open {queue.slug}')
    switches.end(switch, _me())
    return f"{queue.slug}: {standing.standing(queue, timezone.now()).words}"


def _send(options: dict[str, Any]) -> str:
    number, to = options["number"], options["to"]
    if to.startswith("+"):
        return _set(switches.send_outside(number, to, *_why(options, timezone.get_default_timezone())))
    queue = _queue(to, "--to")
    return _set(switches.send_number(number, queue, *_why(options, standing.zone_of(queue))))


def _announce(options: dict[str, Any]) -> str:
    system = PhoneSystem.objects.filter(slug=options["on"]).first()
    if system is None:
        raise CommandError(f'--on: there is no phone system "{options["on"]}".')
    why = _why(options, timezone.get_default_timezone())
    return _set(switches.announce(options["number"], system, options["extension"], *why))


def _end(options: dict[str, Any]) -> str:
    switch = Switch.objects.filter(pk=options["id"]).first()
    if switch is None:
        raise CommandError(f"id: there is no switch {options['id']}.")
    if switch.ended_at:
        raise CommandError(f"id: switch {switch.pk} has ended already.")
    switches.end(switch, _me())
    return f"Switch {switch.pk} has ended."


def _list(_options: dict[str, Any]) -> str:
    return "\n".join(map(_line, switches.in_force(timezone.now()))) or "No switch is set."


VERBS = {
    "close": _close,
    "open": _open,
    "reopen": _reopen,
    "send": _send,
    "announce": _announce,
    "end": _end,
    "list": _list,
}


def _queue(slug: str, argument: str) -> Queue:
    queue = Queue.objects.select_related("calendar").filter(slug=slug).first()
    if queue is None:
        known = ", ".join(Queue.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise CommandError(f'{argument}: there is no queue "{slug}". There are: {known}.')
    return queue


def _why(options: dict[str, Any], zone: tzinfo) -> tuple[str, datetime | None, switches.CommandLine]:
    """Why, until when, and who."""
    try:
        return options["reason"], switch_arguments.read_until(options["until"], zone, timezone.now()), _me()
    except ValueError as error:
        raise CommandError(str(error)) from error


def _me() -> switches.CommandLine:
    return switches.CommandLine(switch_arguments.typed_by())


def _set(switch: Switch) -> str:
    is_idle = not switch.is_of_a_queue and switches.not_ours([switch.subject])
    return f"Set: {_line(switch)}" + (f"\n{switch_arguments.UNKNOWN_NUMBER}" if is_idle else "")


def _line(switch: Switch) -> str:
    to = switch.target_queue.slug if switch.target_queue else switch.target_address
    until = f" until {switch.until:%Y-%m-%d %H:%M %Z}" if switch.until else ""
    return f"{switch.pk}  {switch.kind} {switch.subject}{f' to {to}' if to else ''}{until}: {switch.reason}"


ARGUMENTS = {
    "reason": "--reason",
    "until": "--until",
    "subject": "number",
    "outside": "--to",
    "extension": "--extension",
    "target_system": "--on",
}


def _by_argument(error: ValidationError) -> str:
    return " ".join(f"{ARGUMENTS.get(field, field)}: {' '.join(texts)}" for field, texts in error.message_dict.items())
