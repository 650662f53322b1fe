"""`manage.py erase_person --phone … | --customer-no … | --email … | --customer …`: forget one person everywhere."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.privacy import arguments, erasing
from customers.privacy import suppression


class Command(BaseCommand):
    """Decide hosts follow within seconds, those that are cut off when they are back."""

    help = "Erases one person everywhere and keeps him from coming back with the next sync."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        arguments.add_to(parser)
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--lift", action="store_true", help="Instead: let this person come back with a sync.")

    def handle(self, *_args: Any, yes: bool, lift: bool, **options: Any) -> None:
        person = arguments.person(options)
        if lift:
            self.stdout.write(f"{suppression.lift(person)} hashes forgotten: this person may come back.")
            return
        question = (
            f"{len(person.customer_ids)} customer(s) with {len(person.handles)} address(es) of their own, "
            f"{len(person.shared)} shared with others and {len(person.external_ids)} id(s) in CRMs. Erase? [yes/no] "
        )
        if not yes and _answer(question) != "yes":
            raise CommandError("Nothing was erased.")
        erasure = erasing.begin(person)
        erasing.work(erasure, float("inf"))
        self.stdout.write(f"Erased; in decisions now called {erasure.pseudonym}.")
        for table, count in sorted(erasure.counts.items()):
            self.stdout.write(f"  {table}: {count}")
        self.stdout.write("Decide hosts follow within seconds, those that are cut off when they are back.")


def _answer(question: str) -> str:
    try:
        return input(question).strip().lower()
    except EOFError as end:
        raise CommandError("Nothing was erased: nobody answers here. Say --yes when that is what you want.") from end
