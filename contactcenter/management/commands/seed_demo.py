"""`manage.py seed_demo`: the demo of `make run`, once."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.seed import DemoSecrets, seed


class Command(BaseCommand):
    help = "Fills an empty database with the demo: queues, tiers, numbers, a flow and a CRM connection."

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = seed(DemoSecrets.from_environment())
        self.stdout.write("The demo is set up." if done else "There is a flow already: nothing was changed.")
