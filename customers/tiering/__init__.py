"""How a customer comes by his tier: pure definitions first, then the same for a million of them in SQL.

rules.py (ordered thresholds), percentile.py and pareto.py (shares), hysteresis.py (nobody
flaps) say what is meant. assigning.py does it for everybody whom one CRM knows.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from customers.models import SyncRun


def assign(run: "SyncRun") -> None:
    """Give each staged row of `run` the tier that its connection's policy says; see assigning.py."""
    from customers.tiering import assigning  # it stands on the models, which stand on the pure modules here

    assigning.assign(run)


def assign_those_read(run: "SyncRun") -> None:
    """The same for a few, by the bounds that the last night found; see assigning.py."""
    from customers.tiering import assigning  # as above

    assigning.assign_those_read(run)


def cause(run: "SyncRun") -> str:
    """What a tier that moves by `run` moves by: a policy, or the CRM's own word."""
    from customers.models import TierChange  # as above
    from customers.tiering.policies import policy_of

    return TierChange.Cause.RULE if policy_of(run.connection_id) else TierChange.Cause.SYNC
