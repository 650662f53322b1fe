"""The kinds of phone systems: how each learns who comes first, and what is usual for it. Pure."""

from dataclasses import dataclass

from contactcenter.foundation.words import to_translate as _

NOBODY, SYSTEM, PROVIDER, PROGRAM = "nobody", "system", "provider", "program"
"""Who reports to us: nobody, the phone system by a recipe beside it, the provider, a program of the house."""

ADDRESS = "address"
"""The way of a system that is told nothing: only which queue is dialled counts."""


@dataclass(frozen=True)
class Way:
    """One way in which a phone system learns priority and skills; `told` is what it gets, with `%(number)s`."""

    label: str
    told: str
    skills: str


WAYS: dict[str, Way] = {
    "queue_prio": Way("QUEUE_PRIO", "QUEUE_PRIO %(number)s", _("in the X-Skills header, for the dialplan to read")),
    "base_score": Way(
        _("base score"), "cc_base_score %(number)s", _("in the X-Skills header, for the dialplan to read")
    ),
    "attribute": Way(
        _("attribute of the task"), _("priority %(number)s, as an attribute"), _("as an attribute of the task: skills")
    ),
    "header": Way(_("SIP header"), "X-Priority: %(number)s", _("in the X-Skills header")),
    ADDRESS: Way(_("separate address only"), _("nothing but the address that is dialled"), _("not at all")),
}
"""By the name that a release holds."""


@dataclass(frozen=True)
class Kind:
    """What is sensible for one kind of phone system, and `words` that say so."""

    label: str
    learns_by: str
    answers_at_once: bool
    reports: str
    words: str
    has_hosts: bool = True


KINDS: dict[str, Kind] = {
    "asterisk": Kind(
        "Asterisk / FreePBX",
        "queue_prio",
        True,
        SYSTEM,
        _(
            "Answers at once and plays music. Its dialplan sets QUEUE_PRIO from the X-Priority header before Queue(). "
            "The recipe for its manager interface reports statistics and outcomes."
        ),
    ),
    "freeswitch": Kind(
        "FreeSWITCH / FusionPBX",
        "base_score",
        True,
        SYSTEM,
        _(
            "Answers at once and plays music. Its dialplan sets cc_base_score from the X-Priority header, then calls "
            "callcenter. The recipe for its event socket reports statistics and outcomes."
        ),
    ),
    "threecx": Kind(
        "3CX",
        ADDRESS,
        True,
        NOBODY,
        _(
            "Answers at once. It knows no priority from outside: give each kind of customer a queue with an extension "
            "of its own. It reports nothing by itself."
        ),
    ),
    "twilio_taskrouter": Kind(
        "Twilio TaskRouter",
        "attribute",
        True,
        PROVIDER,
        _(
            "Calls wait at the provider, so there are no SIP hosts: a queue is reached by the id of its workflow. "
            "Priority and skills are attributes of the task."
        ),
        has_hosts=False,
    ),
    "amazon_connect": Kind(
        "Amazon Connect",
        "attribute",
        True,
        PROVIDER,
        _(
            "Calls wait at the provider, so there are no SIP hosts: a queue is reached by its name or ARN. "
            "The contact flow sets priority and skills from our answer."
        ),
        has_hosts=False,
    ),
    "genesys_cloud": Kind(
        "Genesys Cloud",
        "attribute",
        True,
        PROVIDER,
        _(
            "Calls wait at the provider: a queue is reached by its name. "
            "The flow transfers to it with priority and skills from our answer."
        ),
        has_hosts=False,
    ),
    "jambonz": Kind(
        "jambonz",
        "attribute",
        True,
        PROVIDER,
        _(
            "Calls wait at the provider: a queue is reached by its name, with a priority of its own. "
            "It knows no skills."
        ),
        has_hosts=False,
    ),
    "other": Kind(
        _("other SIP system"),
        "header",
        False,
        NOBODY,
        _(
            "We cannot know whether it answers at once. So calls ring until an agent answers, and nobody is thrown out "
            "of a queue; switch “answers at once” on if it plays music to callers who wait."
        ),
    ),
}
"""By the name that a release holds."""


def learns_by(kind: str, chosen: str = "") -> str:
    """How a system of this kind learns priority and skills: as chosen, else as is usual for its kind."""
    return chosen if chosen in WAYS else KINDS.get(kind, KINDS["other"]).learns_by
