"""(being written)"""


def targets() -> list[tuple[str, str]]:
    return []
