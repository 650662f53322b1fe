"""Pieces of sentences in templates, as the reader's language writes them."""

from django import template
from django.utils.formats import number_format

from contactcenter.foundation import translating

register = template.Library()
register.filter("listed", translating.listed)


@register.filter
def percentage(number: str | float) -> str:
    """A number that counts hundredths."""
    return translating.percentage(number if isinstance(number, str) else number_format(number))
