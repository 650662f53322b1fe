"""Numbers that no column can hold: whoever forges one in a form hears that there is no such choice.

Django itself sees to `exact` and to comparisons; `in`, by which several choices are looked up, SQLite cannot take.
"""

from typing import Any

from django.db.models import IntegerField
from django.db.models.lookups import In


class InBounds(In):
    """`in`, without the numbers beyond the bounds of the column."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            kind = self.lhs.output_field.get_internal_type()
            lowest, highest = connection.ops.integer_field_range(kind)
            self.rhs = [each for each in self.rhs if not isinstance(each, int) or lowest <= each <= highest]
        return super().process_rhs(compiler, connection)


def leave_out() -> None:
    """From now on, in every query."""
    IntegerField.register_lookup(InBounds)
