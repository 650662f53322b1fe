"""How a command is told which person is meant."""

import argparse
from typing import Any

from django.core.management.base import CommandError

from contactcenter.privacy.finding import NotFound, by_address, by_customer
from customers.addresses import CUSTOMER_NO, EMAIL, PHONE
from customers.privacy.person import Person


def add_to(parser: argparse.ArgumentParser) -> None:
    """Exactly one of four ways to say it."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--phone", help="With country code: +39 02 1234567.")
    who.add_argument("--customer-no", help="The customer number.")
    who.add_argument("--email", help="The e-mail address.")
    who.add_argument("--customer", type=int, help="The id in the portal, as in the address of the customer's page.")


def person(options: dict[str, Any]) -> Person:
    """Who was meant. Raises CommandError."""
    try:
        if options["customer"] is not None:
            return by_customer(options["customer"])
        for kind, name in ((PHONE, "phone"), (CUSTOMER_NO, "customer_no"), (EMAIL, "email")):
            if options[name] is not None:
                return by_address(kind, options[name])
    except NotFound as error:
        raise CommandError(str(error)) from None
    raise CommandError("Say who is meant.")
