"""The picture of a flow as pages show it: boxes that open their forms, shares in words, both sheets and the table."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from routing import picture
from routing.admin.places import Place, urls_of
from routing.picture.story import Card


def of_flow(
    request: HttpRequest,
    document: Mapping[str, Any],
    slug: str,
    shares: Mapping[str, float] | None = None,
    taken: str = "",
    numbers: int | None = None,
) -> dict[str, Any]:
    """Everything that picture.html writes down, of what `picture.tell` takes: `taken` is the branch that is lit."""
    story = picture.tell(document, slug, shares, taken, numbers)
    sheets = picture.lay_out(story, mirrored=get_language_bidi())
    opens = partial(_address, urls_of(request, {box.card.place for sheet in sheets for box in sheet.boxes}))
    has_shares = any(way.share is not None for way in story.ways)
    return {
        "slug": slug,
        "name": story.name,
        "description": story.description,
        "is_lit": story.is_lit,
        "has_shares": has_shares,
        "note": _("The shares are those of last week's contacts.") if has_shares else "",
        "ways": [{**vars(way), "words": _percent(way.share)} for way in story.ways],
        "sheets": [
            {
                "name": sheet.name,
                "width": sheet.width,
                "height": sheet.height,
                "drawn": mark_safe(picture.write(sheet, f"{slug}-{sheet.name}-point", opens, _percent)),  # noqa: S308 - escaped there
            }
            for sheet in sheets
        ],
    }


def _address(links: Mapping[Place, str], card: Card) -> str:
    """The form of the thing, at the row in question."""
    url = links[card.place]
    return f"{url}#{card.row}" if url and card.row else url


def _percent(share: float | None) -> str:
    if share is None:
        return ""
    if 0 < share < 0.01:
        return _("under 1 %")
    return _("%(percent)s %%") % {"percent": number_format(round(share * 100))}
