"""On a customer's page: export everything that is held of him, or erase him, after being told what that does."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contactcenter.privacy import erasing, exporting
from contactcenter.tasks import wake
from customers.models import Customer
from customers.privacy.person import Person, person_of

ERASE, EXPORT = "customers.erase_person", "customers.export_person"


def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked by GET, done by POST."""
    if not request.user.has_perm(ERASE):
        raise PermissionDenied
    customer = get_object_or_404(Customer, pk=pk)
    person = person_of([customer.pk])
    if request.method == "POST":
        with transaction.atomic():
            erasure = erasing.begin(person, by=request.user.pk)
            _note(request, erasure, ADDITION, "")
            transaction.on_commit(wake)
        messages.success(request, _("Erased. Decide hosts follow within seconds, past decisions within minutes."))
        return HttpResponseRedirect(reverse("admin:customers_customer_changelist"))
    context = {
        **admin.site.each_context(request),
        "title": _("Erase this person?"),
        "opts": Customer._meta,
        "customer": customer,
        "consequences": _consequences(person),
    }
    return TemplateResponse(request, "admin/customers/customer/erase.html", context)


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is held of this customer, as a file."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    customer = get_object_or_404(Customer, pk=pk)
    body = exporting.as_json(person_of([customer.pk]))
    _note(request, customer, CHANGE, "exported")
    return HttpResponse(
        body,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="customer-{customer.pk}.json"'},
    )


def _note(request: HttpRequest, subject: Model, flag: int, message: str) -> None:
    """Who did it and when; nothing about whom but the id."""
    LogEntry.objects.create(
        user_id=request.user.pk or 0,  # admin_view lets nobody in without a login
        content_type=ContentType.objects.get_for_model(subject),
        object_id=str(subject.pk),
        object_repr=f"{subject._meta.verbose_name} {subject.pk}",
        action_flag=flag,
        change_message=message,
    )


def _consequences(person: Person) -> list[str]:
    own, shared = len(person.handles), len(person.shared)
    told = [
        _("This cannot be undone. A backup that is restored later is gone through again."),
        ngettext(
            "The customer goes, with %(count)s address that is nobody else's, overrides and the history of tiers.",
            "The customer goes, with %(count)s addresses that are nobody else's, overrides and the history of tiers.",
            own,
        )
        % {"count": own},
        _("Past decisions keep queue, tier and reason for the statistics; who called is replaced by a pseudonym."),
        _("Conversations are deleted here, messages not yet passed on with them. What a help desk or CRM holds stays."),
        _("The next sync does not bring this person back, as long as the CRM still has the same id or addresses."),
        _("Calls from now on are answered as those of somebody unknown."),
    ]
    if shared:
        told.append(_("Addresses that others have too stay with them; past decisions from there lose their caller."))
    if len(person.customer_ids) > 1:
        told.append(_("Customers that were merged into this one are erased with it."))
    return told
