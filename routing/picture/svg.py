"""What lies on a sheet, as SVG. Written here and not by a template, which takes twenty times as long a box."""

from collections.abc import Callable
from html import escape

from routing.picture.layout import Arrow, Box, Picture, Text
from routing.picture.story import Card


def write(sheet: Picture, point: str, address: Callable[[Card], str], percent: Callable[[float | None], str]) -> str:
    """The arrows and boxes of `sheet`.

    `point` is the id of the marker at the end of an arrow, `<point>-lit` that of a lit one; `address` the form that
    a card opens, "" for none; `percent` a share in words.
    """
    arrows = [_arrow(each, point, address(each.card), percent(each.share)) for each in sheet.arrows]
    boxes = [_box(each, address(each.card)) for each in sheet.boxes]
    return "\n".join([*arrows, *boxes])


def _arrow(arrow: Arrow, point: str, address: str, share: str) -> str:
    lit, end = (" lit", f"{point}-lit") if arrow.is_lit else ("", point)
    line = f'<path class="arrow{lit}" d="{arrow.path}" marker-end="url(#{escape(end)})"/>'
    if share:
        line += f'<text class="share" x="{arrow.x}" y="{arrow.y}">{escape(share)}</text>'
    if not address:
        return line
    return (
        f'<a class="way" href="{escape(address)}" tabindex="-1" aria-hidden="true">'
        f'<title>{escape(arrow.card.heading)}</title><path class="reach" d="{arrow.path}"/>{line}</a>'
    )


def _box(box: Box, address: str) -> str:
    said, lit = escape(box.card.said), " lit" if box.is_lit else ""
    inside = (
        f"<title>{said}</title>\n"
        f'<rect class="box box-{box.kind}{lit}" x="{box.x}" y="{box.y}" '
        f'width="{box.width}" height="{box.height}" rx="6"/>{"".join(map(_text, box.lines))}'
    )
    return f'<a href="{escape(address)}" aria-label="{said}">{inside}</a>' if address else f"<g>{inside}</g>"


def _text(line: Text) -> str:
    heading = ' class="heading"' if line.is_heading else ""
    return f'<text{heading} x="{line.x}" y="{line.y}">{escape(line.words)}</text>'
