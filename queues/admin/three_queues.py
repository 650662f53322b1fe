"""The page that makes three queues for priority customers from a phone system and three addresses."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.models import Team
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.team_admin import limit
from contactcenter.foundation.translating import listed
from queues import three_queues
from queues.models import PhoneSystem, Queue
from queues.models.voice import ADDRESS_SHAPES, VoiceKind
from queues.telling import priority_told


class ThreeQueuesForm(forms.Form):
    """Where the three are reached, and what their names begin with."""

    vip = forms.CharField(max_length=64, label=gettext_lazy("VIP"))
    priority = forms.CharField(max_length=64, label=gettext_lazy("Priority"))
    standard = forms.CharField(max_length=64, label=gettext_lazy("Standard"))
    beginning = forms.CharField(
        max_length=30,
        required=False,
        label=gettext_lazy("Names begin with"),
        help_text=gettext_lazy(
            "Such as a town, when there are queues of these names already: Milan VIP. May be empty."
        ),
    )

    belongs_to = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        label=gettext_lazy("Belong to team"),
        help_text=gettext_lazy("Members of other teams neither see nor change them. Empty: everybody sees them."),
    )

    def __init__(self, user: Any, system: PhoneSystem, *args: Any) -> None:
        super().__init__(*args)
        limit(self, user)
        self.shape, self.example = ADDRESS_SHAPES[VoiceKind.SIP if system.host_list else VoiceKind.PROVIDER_QUEUE]
        for rank in three_queues.RANKS:
            field = self.fields[rank.slug]
            field.help_text = f"{self.example} {_words(system, rank)}"
            field.widget.attrs["dir"] = "ltr"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = [cleaned[rank.slug] for rank in three_queues.RANKS if rank.slug in cleaned]
        for rank in three_queues.RANKS:
            address = cleaned.get(rank.slug)
            if address and not self.shape.match(address):
                self.add_error(rank.slug, self.example)
            elif address and typed.count(address) > 1:
                self.add_error(rank.slug, _("Each queue needs an address of its own."))
        self._refuse_taken(cleaned.get("beginning", ""))
        return cleaned

    def _refuse_taken(self, beginning: str) -> None:
        names = [f"{beginning} {rank.name}".strip() for rank in three_queues.RANKS]
        slugs = [slugify(f"{beginning} {rank.slug}") for rank in three_queues.RANKS]
        taken = Queue.objects.filter(name__in=names) | Queue.objects.filter(slug__in=slugs)
        if taken.exists():
            words = listed(sorted(taken.values_list("name", flat=True)))
            self.add_error("beginning", _("There is a queue of that name already: %(names)s.") % {"names": words})


def _words(system: PhoneSystem, rank: three_queues.Rank) -> str:
    percent, seconds = rank.service_level
    return _(
        "Gets: %(told)s. Answered: %(percent)s%% within %(seconds)s seconds, the last one within %(promise)s seconds."
    ) % {
        "told": priority_told(system, rank.priority_class, rank.head_start_s),
        "percent": percent,
        "seconds": seconds,
        "promise": rank.promised_wait_s,
    }


class ThreeQueues(NamedAdmin):
    """The view behind a phone system's “Three queues for priority customers”."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.three_queues_view)
        return [path("<int:pk>/three-queues/", view, name="queues_phonesystem_three"), *super().get_urls()]

    def three_queues_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One small form; afterwards the queues are in the draft, in their overflow chain."""
        if not request.user.has_perm("queues.add_queue"):
            raise PermissionDenied
        system = get_object_or_404(PhoneSystem, pk=pk)
        form = ThreeQueuesForm(request.user, system, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and self._make(request, system, form):
            return HttpResponseRedirect(reverse("admin:queues_queue_changelist"))
        fields = AdminForm(cast(Any, form), [(None, {"fields": list(form.fields)})], {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Three queues for priority customers"),
            "opts": self.opts,
            "original": system,
            "form": form,
            "adminform": fields,
        }
        return TemplateResponse(request, "admin/queues/phonesystem/three_queues.html", context)

    def _make(self, request: HttpRequest, system: PhoneSystem, form: ThreeQueuesForm) -> bool:
        addresses = [form.cleaned_data[rank.slug] for rank in three_queues.RANKS]
        try:
            given = form.cleaned_data
            made = three_queues.make(system, addresses, given["beginning"], given.get("belongs_to"))
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        except IntegrityError:
            form.add_error(None, _("Somebody made one of these queues at this moment. Look at the list of queues."))
            return False
        for queue in made:
            self.log_addition(request, queue, [{"added": {}}])
        chain = " → ".join(queue.name for queue in made)
        words = _("Three queues are in the draft: %(chain)s. Lead branches of a flow to them, then publish.")
        messages.success(request, words % {"chain": chain})
        return True
