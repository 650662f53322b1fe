"""What a browser would send back from a page: the fields of its form as they stand there."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """Collects the inputs, choices and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._name = ""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name, value = known.get("name") or "", known.get("value")
        if tag == "select":
            self._name = "" if "disabled" in known else name
        elif "disabled" in known:
            return  # is not sent
        elif tag == "input" and name:
            kind = known.get("type") or "text"
            if kind in ("submit", "button", "file") or (kind in ("checkbox", "radio") and "checked" not in known):
                return
            self.fields.setdefault(name, []).append(value if value is not None else "on" * (kind == "checkbox"))
        elif tag == "option" and "selected" in known and self._name:
            self.fields.setdefault(self._name, []).append(value or "")
        elif tag == "textarea":
            self._name, self._text = name, []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self.fields.setdefault(self._name, []).append("".join(self._text).removeprefix("\n"))
            self._text = None


def fields_of(page: str) -> dict[str, list[str]]:
    """Name to values, as they would be sent."""
    parser = _Fields()
    parser.feed(page)
    return parser.fields
