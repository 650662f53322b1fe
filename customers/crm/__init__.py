"""(being written)"""

from typing import Any

CONNECTORS: dict[str, Any] = {}
