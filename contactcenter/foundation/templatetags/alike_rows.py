"""Rows of a page, drawn once for all that are alike."""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from contactcenter.foundation import alike_rows

register = template.Library()


@register.simple_tag(takes_context=True)
def draw_rows(context: Any, rows: Any, template_name: str) -> SafeString:
    """Each of `rows` by the template, which knows it as `row`, and as the `number`-th of the page."""
    one = context.template.engine.get_template(template_name)

    def draw(row: Any, number: int) -> str:
        with context.push(row=row, number=number):
            return str(one.render(context))

    return mark_safe("".join(alike_rows.drawn(rows, draw)))  # noqa: S308 - drawn by templates
