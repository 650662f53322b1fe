"""`manage.py apply_config FILE`: the draft becomes what the file says; with `--publish` it goes live."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from routing import config_file
from routing.management.commands.plan_config import done_with, lines


class Command(BaseCommand):
    """Whole or not at all. Secrets, people and switches are left alone."""

    help = "Makes the draft equal to a configuration file. Calls follow it only once it is published."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", help="A file that export_config wrote, perhaps changed; - reads from the pipe.")
        parser.add_argument("--publish", metavar="NOTE", help="Publish it at once, with this note for your colleagues.")

    def handle(self, *_args: Any, file: str, publish: str | None, **_options: Any) -> None:
        self.stdout.writelines(lines(done_with(file, config_file.apply)))
        if publish:
            call_command("publish", note=publish, stdout=self.stdout)
