"""A flow as a picture: who comes in, what is asked, which branches there are, and where they lead."""

from routing.picture.layout import Picture, lay_out
from routing.picture.story import Story, tell

__all__ = ["Picture", "Story", "lay_out", "tell"]
