"""A list of VIP customers, handed in on the form: looked at, then read by a run like any other list.

It names people, so it is not kept with the set-up: while somebody looks at it, it lies encrypted for an hour
(customers/uploads); once it can be read, it is read at once.
"""

from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from contactcenter.foundation.free_names import free_name
from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided.customers_step import CustomersStep, lead, make_tiers
from customers import sync, uploads
from customers.crm.lists import ListError, decoded
from customers.models import CrmConnection, LoyaltyTier, UploadedList
from routing import release

HAND_IN, ADD_TIER = "customers.add_uploadedlist", "customers.add_loyaltytier"
CUSTOMERS = "customers"


def remember(set_up: GuidedSetUp, form: CustomersStep, by: Any) -> None:
    """Keep what was pasted or chosen, as it is, for an hour. Raises ListError when a file is no text."""
    file, text = form.files.get("file"), form.data.get("text", "")
    if file is not None:
        text = decoded(file.read())
    earlier = remembered(set_up, by)
    if not text.strip() or (earlier is not None and earlier.content == text):
        return
    answers = set_up.answers.setdefault(CUSTOMERS, {})
    if answers.get("read") == _mark(text):  # a button that was pressed twice
        return
    answers["list"] = str(uploads.draft(text, by).pk)
    set_up.save()


def remembered(set_up: GuidedSetUp, by: Any) -> UploadedList | None:
    """The list that this person is handing in here, as it was pasted."""
    draft = set_up.answers.get(CUSTOMERS, {}).get("list", "")
    return uploads.drafted(draft, by) if draft else None


def connection_of(set_up: GuidedSetUp) -> CrmConnection | None:
    """The list that was handed in here before, read or being read."""
    return CrmConnection.objects.filter(pk=set_up.answers.get(CUSTOMERS, {}).get("connection")).first()


def hand_in(set_up: GuidedSetUp, given: dict[str, Any], by: Any, *, accepted: bool) -> uploads.Preview | None:
    """Have the list read. Raises ListError; handing in the same list twice reads it once.

    Where lines of it cannot be used, and nobody has `accepted` that, the look at it comes back and nothing is read.
    """
    listed, connection = remembered(set_up, by), connection_of(set_up)
    if listed is None:
        if connection is None:
            raise ListError(_("Paste the list here, or choose a file."))
        return None
    if not LoyaltyTier.objects.exists() and not by.has_perm(ADD_TIER):
        raise ListError(_("No loyalty tiers yet: ask your supervisor"))
    text, region = uploads.read(listed.content), region_of(set_up)
    make_tiers()
    targets = tuple(column.target for column in uploads.columns(text, region))
    choices = uploads.Choices(region, lead(given), targets)
    look = uploads.preview(text, choices)
    if not look.usable:
        line, problem = look.problems[0]
        words = _("None of its lines can be used. Line %(line)s: %(problem)s")
        raise ListError(words % {"line": line, "problem": problem})
    if look.problem_count and not accepted:
        return look
    mark, listed.content = _mark(listed.content), text
    try:
        # VIP list, VIP list 2, …
        connection = connection or uploads.new_connection(free_name(CrmConnection, "name", _("VIP list"), " "))
        uploads.start(connection, listed, choices, is_whole=False, by=by)
    except sync.CannotStart as error:
        raise ListError(str(error)) from error
    set_up.answers[CUSTOMERS] |= {"connection": connection.pk, "people": look.usable, "read": mark}
    set_up.save()
    return None


def _mark(text: str) -> str:
    """By what the same list is known again; it says nothing of what is in it."""
    return salted_hmac("guided-list", text, algorithm="sha256").hexdigest()


def region_of(set_up: GuidedSetUp) -> str:
    """The country of the number called: numbers of the list without a country code are of this country."""
    typed = set_up.answers.get("number", {}).get("fields", {}).get("address", [""])[0]
    return release.region_of(typed)
