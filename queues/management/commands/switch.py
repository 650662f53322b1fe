"""Close, open or redirect at once from the command line: for scripts, and for the day the portal is down."""

import argparse
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from queues import standing, switches
from queues.models import Queue, Switch


class Command(BaseCommand):
    help = "Close, open or redirect at once. In force on every decide host within seconds, never part of a release."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="close|open|reopen|send|end|list")
        close = verbs.add_parser("close", help="Send new contacts past a queue.")
        opened = verbs.add_parser("open", help="Let contacts in in spite of the opening hours.")
        reopen = verbs.add_parser("reopen", help="End the switch on a queue: its opening hours hold again.")
        send = verbs.add_parser("send", help="Send everybody who calls a number to a queue.")
        ended = verbs.add_parser("end", help="End a switch.")
        verbs.add_parser("list", help="Show the switches in force.")
        for verb in (close, opened, reopen):
            verb.add_argument("queue", help="Short name of the queue: vip")
        send.add_argument("number", help="The number called, with country code")
        send.add_argument("--to", required=True, metavar="QUEUE", help="Short name of the queue that takes them")
        for verb in (close, opened, send):
            _add_why_and_until(verb)
        ended.add_argument("id", type=int, help="Id of the switch, as `list` shows it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            said = VERBS[options["verb"]](options)
        except ValidationError as error:
            raise CommandError(_by_argument(error)) from error
        self.stdout.write(said)


def _add_why_and_until(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--reason", required=True, help="Why, for the colleagues who will ask")
    verb.add_argument("--until", default="", help='"18:00" (today, in the queue\'s time zone) or 2026-12-24T18:00')


def _close(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    return _set(switches.close_queue(queue, options["reason"], _until(options["until"], queue), None))


def _open(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    return _set(switches.open_queue(queue, options["reason"], _until(options["until"], queue), None))


def _reopen(options: dict[str, Any]) -> str:
    queue = _queue(options["queue"], "queue")
    switch = switches.on_queue(queue, timezone.now())
    if switch is None:
        raise CommandError(f'queue: no switch is set on "{queue.slug}". To go past its hours: switch open {queue.slug}')
    switches.end(switch, None)
    return f"{queue.slug}: {standing.standing(queue, timezone.now()).words}"


def _send(options: dict[str, Any]) -> str:
    queue = _queue(options["to"], "--to")
    until = _until(options["until"], queue)
    return _set(switches.send_number(options["number"], queue, options["reason"], until, None))


def _end(options: dict[str, Any]) -> str:
    switch = Switch.objects.filter(pk=options["id"]).first()
    if switch is None:
        raise CommandError(f"id: there is no switch {options['id']}.")
    if switch.ended_at:
        raise CommandError(f"id: switch {switch.pk} has ended already.")
    switches.end(switch, None)
    return f"Switch {switch.pk} has ended."


def _list(_options: dict[str, Any]) -> str:
    return "\n".join(map(_line, switches.in_force(timezone.now()))) or "No switch is set."


VERBS = {"close": _close, "open": _open, "reopen": _reopen, "send": _send, "end": _end, "list": _list}


def _queue(slug: str, argument: str) -> Queue:
    queue = Queue.objects.select_related("calendar").filter(slug=slug).first()
    if queue is None:
        known = ", ".join(Queue.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise CommandError(f'{argument}: there is no queue "{slug}". There are: {known}.')
    return queue


def _until(text: str, queue: Queue) -> datetime | None:
    if not text:
        return None
    zone = standing.zone_of(queue)
    try:
        if len(text) <= len("18:00"):
            return datetime.combine(timezone.now().astimezone(zone).date(), time.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f'--until: "{text}" is neither a time (18:00) nor a moment (2026-12-24T18:00).') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _set(switch: Switch) -> str:
    return f"Set: {_line(switch)}"


def _line(switch: Switch) -> str:
    to = f" to {switch.target_queue.slug}" if switch.target_queue else ""
    until = f" until {switch.until:%Y-%m-%d %H:%M %Z}" if switch.until else ""
    return f"{switch.pk}  {switch.kind} {switch.subject}{to}{until}: {switch.reason}"


ARGUMENTS = {"reason": "--reason", "until": "--until", "subject": "number"}


def _by_argument(error: ValidationError) -> str:
    return " ".join(f"{ARGUMENTS.get(field, field)}: {' '.join(texts)}" for field, texts in error.message_dict.items())
