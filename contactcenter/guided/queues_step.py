"""Second step: where callers wait. A phone system, there or new, and the addresses of its three queues."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import teams
from queues import three_queues
from queues.models import PhoneSystem, Queue
from queues.models.systems import phone_system_kinds
from queues.models.voice import ADDRESS_SHAPES, VoiceKind
from queues.system_kinds import KINDS

ADD_SYSTEM = "queues.add_phonesystem"
OF_A_NEW_ONE = ("name", "kind", "hosts")


def _text(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", **attributes})


@dataclass(frozen=True)
class Waiting:
    """What the step says: the phone system, saved or not, its addresses, and the queues that have them already."""

    system: PhoneSystem
    addresses: list[str]
    existing: list[Queue]


class QueuesStep(forms.Form):
    """The phone system and its three extensions. Who may add no phone system chooses one that is there."""

    system = forms.ModelChoiceField(
        PhoneSystem.objects.all(),
        required=False,
        label=_("Phone system"),
        help_text=_("Where callers wait until an agent takes them."),
        empty_label=_("a new one"),
    )
    name = forms.CharField(
        required=False, max_length=80, label=_("Its name"), help_text=_("Such as: Head office PBX."), widget=_text()
    )
    kind = forms.ChoiceField(
        required=False,
        choices=phone_system_kinds,
        label=_("Its kind"),
        help_text=_("Decides how it is told who comes first."),
    )
    hosts = forms.CharField(
        required=False,
        max_length=500,
        label=_("Its SIP hosts"),
        help_text=_("One a line, in the order in which they are tried: pbx.example.net or pbx.example.net:5070"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "ltr", "class": "vLargeTextField"}),
    )
    vip = forms.CharField(
        max_length=64,
        label=_("Extension for VIP customers"),
        help_text=_("Such as 8001. Answered first."),
        widget=_text(dir="ltr"),
    )
    priority = forms.CharField(
        max_length=64,
        label=_("Extension for priority customers"),
        help_text=_("Such as 8002. Also takes VIP customers when their queue cannot."),
        widget=_text(dir="ltr"),
    )
    standard = forms.CharField(
        max_length=64,
        label=_("Extension for everyone else"),
        help_text=_("Such as 8003. Also takes everybody whom the other two cannot take."),
        widget=_text(dir="ltr"),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.existing: list[Queue] = []
        if user.has_perm(ADD_SYSTEM):
            for name in OF_A_NEW_ONE:
                self.fields[name].widget.attrs |= {"data-shown-by": "system", "data-shown-for": ""}
        else:
            for name in OF_A_NEW_ONE:
                del self.fields[name]
            self.fields["system"].required = True
            self.fields["system"].empty_label = _("choose one")  # type: ignore[attr-defined]  # a choice of models

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        system = given.get("system") or self._new_system(given)
        if system is not None:
            self._check_addresses(system, given)
        return given | {"waiting": Waiting(system, self._addresses(given), self.existing) if system else None}

    def _new_system(self, given: dict[str, Any]) -> PhoneSystem | None:
        """The phone system that is to be made; None with an error noted at its field."""
        if "system" in self.errors or "name" not in self.fields:
            return None
        kind = given.get("kind") or next(iter(KINDS))
        system = PhoneSystem(name=given.get("name", "").strip(), kind=kind, hosts=given.get("hosts", ""))
        system.answers_at_once = KINDS[kind].answers_at_once
        if KINDS[kind].has_hosts and not system.host_list:
            self.add_error("hosts", _("Give at least one host: calls are sent there."))
        try:
            system.full_clean(exclude=["slug"])
        except ValidationError as error:
            for name, found in error.error_dict.items():
                self.add_error(name if name in OF_A_NEW_ONE else None, found)
        return None if self.errors.keys() & set(OF_A_NEW_ONE) else system

    def _addresses(self, given: dict[str, Any]) -> list[str]:
        return [given[rank.slug] for rank in three_queues.RANKS if rank.slug in given]

    def _check_addresses(self, system: PhoneSystem, given: dict[str, Any]) -> None:
        shape, example = ADDRESS_SHAPES[VoiceKind.SIP if system.host_list else VoiceKind.PROVIDER_QUEUE]
        typed: list[str] = []
        for rank in three_queues.RANKS:
            address = given.get(rank.slug, "")
            if address and not shape.match(address):
                self.add_error(rank.slug, example)
            elif address and address in typed:
                self.add_error(rank.slug, _("Each queue needs an address of its own."))
            typed.append(address)
        if not self.errors and system.pk:
            self._find_existing(system, typed)

    def _find_existing(self, system: PhoneSystem, typed: list[str]) -> None:
        """Three queues that have these addresses already are used; one of three would be neither new nor there."""
        queues = teams.visible(Queue.objects.filter(phone_system=system, voice_address__in=typed), self.user)
        found = {queue.voice_address: queue for queue in queues}
        self.existing = [found[address] for address in typed if address in found]
        if self.existing and len(self.existing) < len(typed):
            words = _("%(address)s is that of queue “%(queue)s”: give three new ones, or those of three queues.")
            queue = self.existing[0]
            field = next(rank.slug for rank, address in zip(three_queues.RANKS, typed, strict=True) if address in found)
            self.add_error(field, words % {"address": queue.voice_address, "queue": queue.name})
