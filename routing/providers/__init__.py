"""(being written)"""

from typing import Any

DIALECTS: dict[str, Any] = {}
