"""What a queue tells a phone system in words of its own: skills, and headers."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from queues import header_template

SKILL = re.compile(r"^[a-z0-9_-]{1,20}\Z")
MOST_SKILLS = 5

HEADER_ERRORS = {
    "shape": _(
        "“%(what)s” cannot be sent: write X-CC-Name: value; letters, digits, spaces and _ . : + - in the value."
    ),
    "variable": _("Nobody fills in {%(what)s}."),
    "twice": _("“%(what)s”: this name stands there already."),
    "many": _("At most four headers: a call has little room for more."),
}


def tidy_skills(text: str) -> str:
    """`text` as phone systems take it: "italian,billing". Raises ValidationError."""
    skills = [each.strip().lower() for each in text.split(",") if each.strip()]
    if len(skills) > MOST_SKILLS or not all(SKILL.match(each) for each in skills):
        raise ValidationError(_("Up to five, each of letters, digits, - and _: italian, billing."))
    return ",".join(dict.fromkeys(skills))


def check_headers(text: str) -> None:
    """Raises ValidationError for headers that could not be sent."""
    try:
        header_template.parse(text)
    except header_template.HeaderError as error:
        raise ValidationError(HEADER_ERRORS[error.code] % {"what": error.line}) from error
