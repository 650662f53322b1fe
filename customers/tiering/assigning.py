"""Gives everybody whom a CRM knows his tier, set-wise, between the staging and the judging of a run.

What it decides is written into the run's staged rows: a customer of whom the run has nothing new gets a
row of his own. So the safeguards, the preview and the approval of a sync hold for it as well. To be
called in one transaction; called again it comes to the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from customers.models import DemotionCandidate, StagedRecord, SyncRun, TierPolicy
from customers.tiering import bounds
from customers.tiering.curve import VALUE
from customers.tiering.policies import Plan, columns_of, plan_of, policy_of, standing_plan_of
from customers.tiering.population import Query, staged
from customers.tiering.rules import AT_LEAST, AT_MOST, Rule

_TABLE = "everybody_known_from_the_crm"
_COMPARED = {AT_LEAST: ">=", AT_MOST: "<="}


def assign(run: SyncRun) -> None:
    """Set the new tier of the staged rows of `run` by the policy of its connection, shares computed anew.

    A customer who objects to profiling is left as he is: the decide plane is not told his tier (facts.py).
    A dry run notes nobody as being below his tier; it shows him as staying within his days of grace.
    """
    with transaction.atomic():
        if (policy := policy_of(run.connection_id)) is None:
            return
        with _population(run, policy):
            plan = plan_of(policy, Query(f"SELECT {VALUE} FROM {_TABLE}", []))  # noqa: S608 - our own
            if policy.source in TierPolicy.BY_SHARE and not run.is_dry:
                bounds.keep(policy, run, plan.rules)
            _carry_out(run, plan)


def assign_those_read(run: SyncRun) -> None:
    """The same for those alone whom the run has staged, by the bounds that stand; without any they stay as they are.

    The CRM's word for a tier does not count where there is a policy.
    """
    with transaction.atomic():
        if (policy := policy_of(run.connection_id)) is None:
            return
        run.staged.exclude(operation=StagedRecord.Operation.DELETE).update(new_tier=F("old_tier"))
        if (plan := standing_plan_of(policy)) is None:
            return
        with _population(run, policy, read_only=True):
            _note_candidates(run, plan, timezone.now(), of_all=False)
            _move_staged(run, plan, timezone.now())


@contextmanager
def _population(run: SyncRun, policy: TierPolicy, *, read_only: bool = False) -> Iterator[None]:
    """Everybody whom the run is about, read once: a table of this transaction alone."""
    everybody = staged(run.connection_id, run.pk, columns_of(policy), read_only=read_only)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {_TABLE} AS {everybody.sql}", everybody.parameters)
        cursor.execute(f"ANALYZE {_TABLE}")
        yield
        cursor.execute(f"DROP TABLE {_TABLE}")


def _carry_out(run: SyncRun, plan: Plan) -> None:
    now = timezone.now()
    if not run.is_dry:
        _note_candidates(run, plan, now)
    _move_staged(run, plan, now)
    _stage_others(run, plan, now)


def _wanted(plan: Plan) -> Query:
    """Everybody with the tier that the rules give him, `wanted_id`, and its rank; grace is left aside."""
    tier = _choice(plan, [rule.tier for rule in plan.rules], plan.otherwise)
    rank = _choice(plan, [rule.rank for rule in plan.rules], plan.otherwise_rank)
    sql = f"""
        SELECT external_id, customer_id, staged_id, staged_tier_id, tier_id, rank,
               {tier.sql} AS wanted_id, {rank.sql} AS wanted_rank
        FROM {_TABLE}"""  # noqa: S608 - no piece of it comes from outside
    return Query(sql, [*tier.parameters, *rank.parameters])


def _choice(plan: Plan, results: list[int], otherwise: int | None) -> Query:
    """The first rule that fits, as CASE."""
    names = plan.columns()
    fallback = "NULL" if otherwise is None else str(int(otherwise))
    whens, parameters = [], []
    for rule, result in zip(plan.rules, results, strict=True):
        fits = _fits(rule, plan.margin_percent, names[rule.reads])
        whens.append(f"WHEN {fits.sql} THEN {int(result)}")
        parameters += fits.parameters
    # Without a rule there is nothing to choose from; the type is said because NULL has none.
    sql = f"CASE {' '.join(whens)} ELSE {fallback} END" if whens else fallback
    return Query(f"CAST({sql} AS bigint)", parameters)


def _fits(rule: Rule, margin_percent: int, name: str) -> Query:
    compared = f"{name} {_COMPARED.get(rule.operator, '=')} %s"
    eased = rule.eased(margin_percent)
    return Query(f"({compared} OR (rank >= {int(rule.rank)} AND {compared}))", [rule.operand, eased.operand])


def _note_candidates(run: SyncRun, plan: Plan, now: datetime, *, of_all: bool = True) -> None:
    """Remember who is below his tier since when, and forget who is not any more; of those read, or of all there are."""
    wanted = _wanted(plan)
    below = f"SELECT customer_id, wanted_id FROM ({wanted.sql}) AS w WHERE w.wanted_rank < w.rank"  # noqa: S608 - our own
    if not plan.grace:
        if of_all:
            DemotionCandidate.objects.filter(connection_id=run.connection_id).delete()
        return
    those = "" if of_all else f"AND customer_id IN (SELECT customer_id FROM {_TABLE})"  # noqa: S608 - our own
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM customers_demotioncandidate WHERE connection_id = %s {those}
                AND customer_id NOT IN (SELECT customer_id FROM ({below}) AS b)""",  # noqa: S608 - our own
            [run.connection_id, *wanted.parameters],
        )
        cursor.execute(
            f"""INSERT INTO customers_demotioncandidate (connection_id, customer_id, tier_id, since)
                SELECT %s, customer_id, MIN(wanted_id), CAST(%s AS {_moment()}) FROM ({below}) AS b
                WHERE customer_id IS NOT NULL GROUP BY customer_id
                ON CONFLICT (connection_id, customer_id) DO UPDATE SET tier_id = excluded.tier_id
                WHERE customers_demotioncandidate.tier_id IS DISTINCT FROM excluded.tier_id""",  # noqa: S608 - our own
            [run.connection_id, connection.ops.adapt_datetimefield_value(now), *wanted.parameters],
        )


def _moment() -> str:
    return "timestamptz" if connection.vendor == "postgresql" else "text"


def _decided(run: SyncRun, plan: Plan, now: datetime) -> Query:
    """Everybody with the tier he gets now, `decided_id`: the wanted one, or his own within the days of grace."""
    wanted = _wanted(plan)
    if not plan.grace:
        sql = f"SELECT w.*, w.wanted_id AS decided_id FROM ({wanted.sql}) AS w"  # noqa: S608 - our own
        return Query(sql, wanted.parameters)
    sql = f"""
        SELECT w.*, CASE WHEN w.wanted_rank < w.rank AND (d.since IS NULL OR d.since > CAST(%s AS {_moment()}))
                         THEN w.tier_id ELSE w.wanted_id END AS decided_id
        FROM ({wanted.sql}) AS w
        LEFT JOIN customers_demotioncandidate d
          ON d.customer_id = w.customer_id AND d.connection_id = %s"""  # noqa: S608 - our own
    latest = connection.ops.adapt_datetimefield_value(now - plan.grace)
    return Query(sql, [latest, *wanted.parameters, run.connection_id])


def _move_staged(run: SyncRun, plan: Plan, now: datetime) -> None:
    """The rows that the run has staged: their tier, and that they are changes now."""
    decided = _decided(run, plan, now)
    sql = f"""
        UPDATE customers_stagedrecord SET new_tier_id = d.decided_id,
            operation = CASE WHEN operation IN ('unchanged', 'touch') AND d.decided_id IS DISTINCT FROM old_tier_id
                             THEN 'change' ELSE operation END
        FROM ({decided.sql}) AS d
        WHERE customers_stagedrecord.id = d.staged_id AND d.decided_id IS DISTINCT FROM d.staged_tier_id
          AND operation IN ('create', 'change', 'touch', 'unchanged')"""  # noqa: S608 - all of it is our own
    with connection.cursor() as cursor:
        cursor.execute(sql, decided.parameters)


def _stage_others(run: SyncRun, plan: Plan, now: datetime) -> None:
    """Rows for those whom the run did not read, and whose tier moves nevertheless."""
    decided = _decided(run, plan, now)
    document = "CAST(%s AS jsonb)" if connection.vendor == "postgresql" else "%s"
    sql = f"""
        INSERT INTO customers_stagedrecord
            (run_id, external_id, fingerprint, operation, mapped, customer_id, old_tier_id, new_tier_id)
        SELECT %s, d.external_id, '', 'change', {document}, d.customer_id, d.tier_id, d.decided_id
        FROM ({decided.sql}) AS d
        WHERE d.staged_id IS NULL AND d.decided_id IS DISTINCT FROM d.tier_id"""  # noqa: S608 - all of it is our own
    with connection.cursor() as cursor:
        cursor.execute(sql, [run.pk, "{}", *decided.parameters])
