"""Words of the pure core that people read: in English here, in the reader's language where they are shown. Pure."""


def to_translate(text: str) -> str:
    """Marks a text for translation, as `_`: `make messages` finds it, and whoever shows it translates it."""
    return text


class Said(ValueError):
    """An error in words that people read: a marked `text` that has a placeholder for each of `values`."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values
