"""Two people open one form: whoever saves second is told what the first one changed, and loses nothing he typed.

A form carries a print of each value that it showed. If the values that are stored have other prints when it comes
back, nothing is saved: the form is shown again with what was typed, what is stored now stands beside it, and a field
that he had not touched takes the new value. Saved once more, knowingly, it counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import IntegrityError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.foundation.posted_rows import as_new_rows
from contactcenter.foundation.shown import Overtaken, Prints, Shown, key_of, plain, print_of, shown_by

SHOWN = "_shown"
"""The hidden input that holds the prints."""


@dataclass(frozen=True)
class Line:
    """One value that somebody else has stored meanwhile, beside what this person has in the form."""

    label: str
    theirs: str
    mine: str
    is_kept: bool
    """Whether the form keeps what this person typed; else it shows the new value."""


class _Refused(forms.BaseForm):
    """A form that was overtaken is not valid, whatever is in it."""

    def clean(self) -> Any:
        cleaned = super().clean()
        self.add_error(None, _("Nothing is saved yet: somebody else has saved this page meanwhile."))
        return cleaned


class LostUpdates(admin.ModelAdmin):
    """The protection, for every page with a form. The composition's site knows who saved what."""

    admin_site: Any

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Where somebody else, or a second click, took the name a moment before us, the form says so itself."""
        page = super().changeform_view
        try:
            return page(request, object_id, form_url, extra_context)
        except IntegrityError:
            return page(request, object_id, form_url, extra_context)

    def _changeform_view(self, request: Any, object_id: str | None, form_url: str, extra_context: Any) -> HttpResponse:
        before = Shown.from_text(request.POST.get(SHOWN, ""))
        if before and object_id and "_saveasnew" not in request.POST:
            request.overtaken = self._overtaken(request, unquote(object_id), before)
        return super()._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]  # Django's own, which the stubs leave out

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (_Refused, form), {}) if getattr(request, "overtaken", None) else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        thing, overtaken = context.get("original"), getattr(request, "overtaken", None)
        if overtaken:
            context["overtaken"] = list(_lines(self, request, context, overtaken))
            since = parse_datetime(overtaken.before.at)
            context["savers"] = self.admin_site.savers(request, self, thing, since)
            context["shown"] = overtaken.now.as_text()
        elif SHOWN in request.POST:
            context["shown"] = request.POST[SHOWN]  # corrected and sent again, it is still that form
        elif thing is not None and self.has_change_permission(request, thing):
            context["shown"] = shown_by(self, request, thing, context["adminform"].form).as_text()
        return super().render_change_form(request, context, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        if Shown.from_text(request.POST.get(SHOWN, "")):
            return self.admin_site.deleted_meanwhile(request)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]  # as above

    def _overtaken(self, request: HttpRequest, pk: str, before: Shown) -> Overtaken | None:
        thing = self.get_object(request, pk)
        if thing is None:
            return None
        # Whoever saves at the same moment waits here, and then finds what the other has stored.
        list(self.model._base_manager.select_for_update(no_key=True).filter(pk=thing.pk).values_list("pk"))
        thing = self.get_object(request, pk)
        if thing is None:
            return None
        fields = flatten_fieldsets(self.get_fieldsets(request, thing))
        form = self.get_form(request, thing, change=True, fields=fields)(instance=thing)
        overtaken = Overtaken(before, shown_by(self, request, thing, form))
        if not overtaken:
            return None
        as_new_rows(request, dict(_gone_rows(self, request, thing, overtaken)))
        return overtaken


def _gone_rows(page: Any, request: HttpRequest, thing: Model, overtaken: Overtaken) -> Iterator[tuple[str, set[str]]]:
    """Of each kind of rows its prefix in the form, and the keys of those that somebody else has deleted."""
    gone = [key.split(":") for key in overtaken.gone]
    for inline in page.get_inline_instances(request, thing) if gone else ():
        if keys := {pk for model, pk in gone if model == inline.model._meta.label_lower}:
            yield inline.get_formset(request, thing).get_default_prefix(), keys


def _lines(page: Any, request: HttpRequest, context: dict[str, Any], overtaken: Overtaken) -> Iterator[Line]:
    """What to show; on the way, fields that were not touched take what is stored now."""
    words = page.admin_site.words(request)
    yield from _of_form(context["adminform"].form, overtaken.fields, overtaken.before.fields, words, "")
    for rows in context["inline_admin_formsets"]:
        kind = capfirst(rows.opts.model._meta.verbose_name)
        prefix = rows.opts.model._meta.label_lower + ":"
        for form in rows.formset.forms:
            if form.instance.pk and (names := overtaken.in_row(key_of(form.instance))):
                before = overtaken.before.rows.get(key_of(form.instance), {})
                title = _("%(kind)s “%(name)s”") % {"kind": kind, "name": form.instance}
                yield from _of_form(form, names, before, words, title)
        there = rows.opts.model._base_manager.in_bulk(
            [int(key.removeprefix(prefix)) for key in overtaken.added if key.startswith(prefix)]
        )
        for row in there.values():
            title = _("%(kind)s “%(name)s”") % {"kind": kind, "name": row}
            yield Line(title, _("added"), _("stays, whatever you save"), is_kept=False)
        for key in overtaken.gone:
            if key.startswith(prefix):
                yield Line(str(kind), _("deleted"), _("still in your form; saving adds it again"), is_kept=True)


def _of_form(form: Any, names: list[str], before: Prints, words: Any, title: str) -> Iterator[Line]:
    for name in names:
        shown = form.fields.get(name)
        if shown is None or shown.widget.is_hidden:
            continue
        label = str(shown.label or name)
        stored, typed = form.get_initial_for_field(shown, name), form.cleaned_data.get(name)
        is_touched = name in form.errors or print_of(typed) != before.get(name)
        if not is_touched:
            # The stored value, as if the form had just been opened.
            shown.bound_data = lambda data, initial: initial
        mine = form[name].data if name in form.errors else _said(form, name, typed, words)
        yield Line(
            f"{title}: {label}" if title else label,
            _said(form, name, stored, words),
            str(mine) if is_touched else "",
            is_touched,
        )


def _said(form: Any, name: str, value: Any, words: Any) -> str:
    """A value of the form in words; of a secret nothing."""
    known = {each.name: each for each in form._meta.model._meta.get_fields() if hasattr(each, "verbose_name")}
    return str(words.form_value(known.get(name), plain(value)))
