"""The configuration as a file: export it, see what it would change, make the draft equal to it."""

from routing.config_file.applying import CannotApply, apply, plan
from routing.config_file.text import FileError, lines_of, read, write

__all__ = ["CannotApply", "FileError", "apply", "lines_of", "plan", "read", "write"]
