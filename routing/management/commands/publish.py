"""`manage.py publish --note "…"`: the draft becomes the live release."""

import argparse
from typing import Any

from django.core.management.base import CommandError

from contactcenter.foundation.commands import OperatorCommand
from routing import publishing
from routing.differences import grouped
from routing.release import ReleaseError


class Command(OperatorCommand):
    """Shows what changes, then publishes; exit code 1 with the problems when it cannot be."""

    help = "Publishes the draft: what changes is shown, problems keep it from being published."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--note", required=True, help="What changed and why, for your colleagues.")

    def handle(self, *_args: Any, note: str, **_options: Any) -> None:
        for title, members in grouped(publishing.draft_differs()):
            self.stdout.write(title)
            self.stdout.writelines(f"  {each.sentence}\n" for each in members)
        try:
            release = publishing.publish(note, by=None)
        except publishing.NotPublishable as refusal:
            lines = [f"  {problem.message}" for problem in refusal.problems]
            raise CommandError("\n".join(["The draft cannot be published:", *lines])) from refusal
        except (publishing.NothingToPublish, ReleaseError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"Release {release.number} is published."))
