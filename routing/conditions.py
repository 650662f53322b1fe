"""(being written)"""

from typing import Any


class ConditionError(ValueError): ...


def parse(raw: Any) -> Any:
    return raw
