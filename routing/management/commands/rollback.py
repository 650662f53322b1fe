"""`manage.py rollback 3 --note "…"`: an earlier release becomes live again."""

import argparse
from typing import Any

from django.core.management.base import CommandError

from contactcenter.foundation.commands import OperatorCommand
from routing import publishing
from routing.differences import differences
from routing.models import Release
from routing.release import ReleaseError


class Command(OperatorCommand):
    """Publishes the document of an earlier release under a new number; the draft stays as it is."""

    help = "Makes an earlier release live again, under a new number. The draft stays as it is."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("number", type=int, help="The release to go back to.")
        parser.add_argument("--note", required=True, help="Why, for your colleagues.")

    def handle(self, *_args: Any, number: int, note: str, **_options: Any) -> None:
        earlier = Release.objects.filter(number=number).first()
        if earlier is None:
            raise CommandError(f"There is no release {number}.")
        live = publishing.contents(publishing.live())
        try:
            release = publishing.roll_back(earlier, note, by=None)
        except (publishing.NothingToPublish, ReleaseError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.writelines(f"{each.sentence}\n" for each in differences(live, publishing.contents(release) or {}))
        self.stdout.write(self.style.SUCCESS(f"Release {release.number} is published, with what release {number} had."))
