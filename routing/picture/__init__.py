"""A flow as a picture: who comes in, what is asked, which branches there are, and where they lead."""

from routing.picture.layout import Picture, lay_out
from routing.picture.story import MOST_NUMBERS, Story, tell
from routing.picture.svg import write

__all__ = ["MOST_NUMBERS", "Picture", "Story", "lay_out", "tell", "write"]
