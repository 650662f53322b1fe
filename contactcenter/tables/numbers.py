"""The table of numbers: a line is a number, or a range of them."""

from contactcenter.tables import spelling
from contactcenter.tables.cells import Cells
from contactcenter.tables.columns import Choices, Refused, misspelt
from contactcenter.tables.things import Texts, ThingTable
from customers.addresses import PHONE_CHANNELS
from routing.models import Number

CHANNEL = Number._meta.get_field("channel")


def _spread(texts: Texts, choices: Choices) -> list[Texts]:
    """One number, or each of a range, as it is stored; without a channel it is for calls."""
    channel = Cells(CHANNEL, None).read(texts.get("channel", ""))
    try:
        written = texts.get("address", "")
        addresses = spelling.phones(written, choices.region) if channel in PHONE_CHANNELS else [written]
    except spelling.Misspelt as error:
        raise Refused("address", misspelt(error.fault)) from None
    return [{**texts, "channel": channel, "address": address} for address in addresses]


NUMBERS = ThingTable(
    slug="numbers",
    model=Number,
    names=(
        *("channel", "address", "label", "account", "flow", "default_queue", "time_zone"),
        *("silent_after_days", "in_service_from", "in_service_until"),
    ),
    key=("channel", "address"),
    needed=("address",),
    spread=_spread,
    has_regions=True,
    permissions=("routing.add_number", "routing.change_number"),
)
