"""What a person says of the file that she hands in."""

from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

LARGEST = 50 * 1024 * 1024


class FileForm(forms.Form):
    """A file, and how to read it."""

    file = forms.FileField(
        label=capfirst(_("file")),
        allow_empty_file=True,
        help_text=_("CSV or XLSX, at most 50 MB and 250,000 lines. The first line names the columns."),
    )
    region = forms.CharField(
        label=capfirst(_("country of numbers")),
        max_length=2,
        initial="IT",
        help_text=_("Two letters. Phone numbers without country code are read as numbers of this country."),
    )
    empties = forms.BooleanField(
        label=capfirst(_("an empty cell empties the field")),
        required=False,
        help_text=_("Unticked: an empty cell leaves the field as it is."),
    )

    def __init__(self, *args: Any, has_regions: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_regions:
            del self.fields["region"]

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].upper()
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(_("Use the two letters of a country, such as IT."))
        return region
