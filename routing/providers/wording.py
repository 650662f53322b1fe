"""What a provider can do, in a supervisor's words: shown on the page of a provider account."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contactcenter.foundation.translating import listed
from routing.providers.base import REDIRECT, REFER, Capabilities, Dialect

_KINDS = {
    "sip": gettext_lazy("extensions of a phone system"),
    "phone": gettext_lazy("phone numbers"),
    "provider_queue": gettext_lazy("queues of the provider's own"),
    "team": gettext_lazy("teams of a help desk"),
}


def lines(dialect: Dialect) -> list[str]:
    """Full sentences, one for each thing worth knowing of `dialect`."""
    can = dialect.capabilities
    said = [_("Reaches: %(kinds)s.") % {"kinds": reached(can)}]
    if "voice" in dialect.channels:
        said += [_headers(can), _caller(can), _ringing(can), _afterwards(can)]
    return [
        *said,
        _proof(can),
        _("Answered within %(seconds)g seconds, come what may.") % {"seconds": dialect.deadline_s},
    ]


def reached(can: Capabilities) -> str:
    """What answers can send a contact to, as one phrase."""
    return listed(name for kind, name in _KINDS.items() if kind in can.target_kinds)


def _headers(can: Capabilities) -> str:
    if not can.custom_headers:
        return _("Our headers do not reach the phone system.")
    if not can.header_names:
        return _("Our headers reach the phone system.")
    return _("Our headers reach the phone system; their names: %(names)s.") % {"names": _(can.header_names)}


def _caller(can: Capabilities) -> str:
    if not can.caller_id:
        return _("The caller is shown as the provider shows him; we cannot name another.")
    return _("The caller can be named by: %(fields)s.") % {"fields": listed(sorted(can.caller_id))}


def _ringing(can: Capabilities) -> str:
    if not can.ring_timeout:
        return _("How long a target rings is set at the provider.")
    if can.longest_ring_s is None:
        return _("A target rings as long as its queue says.")
    seconds = can.longest_ring_s
    return ngettext(
        "A target rings as long as its queue says, but never longer than %(seconds)d second.",
        "A target rings as long as its queue says, but never longer than %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


def _afterwards(can: Capabilities) -> str:
    if can.transfer == REDIRECT:
        return _("Hands the call over and leaves it: nobody tells us whether it was answered.")
    if can.transfer == REFER:
        return _("Asks the caller's side to call the queue itself: headers may get lost, and nobody tells us more.")
    if can.after_stage:
        return _("Comes back when a target is busy, fails or does not answer, and is told the next one.")
    if can.several_targets:
        return _("Gets the overflow with the answer, and tries it by itself.")
    return _("A target that does not answer ends the call.")


def _proof(can: Capabilities) -> str:
    if not can.signed:
        return _("Does not sign its requests: a key or password proves them.")
    if can.replay_window_s is None:
        return _("Signs its requests; asked twice for the same, we answer the same.")
    return _("Signs its requests; a signature is good for %(minutes)g minutes.") % {"minutes": can.replay_window_s / 60}
