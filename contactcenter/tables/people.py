"""The table of customers: read like a CRM's record, compared with who is known, and written as a sync writes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.parameters import numbers, texts
from contactcenter.tables import spelling
from contactcenter.tables.columns import Choices, Column, Found, Refused, misspelt
from contactcenter.tables.models import ImportRow
from contactcenter.tables.things import VERSION
from customers.addresses import CUSTOMER_NO, EMAIL, PHONE
from customers.crm.lists import Row
from customers.crm.mapping import Mapped, Mappings, Rejection, Rule, map_record
from customers.crm.targets import ATTRIBUTE, HANDLE, TIER, targets
from customers.models import AttributeDefinition, Customer, Handle, LoyaltyTier, TierChange
from customers.privacy.suppression import suppressed
from customers.records import Wanted, take_over
from customers.writing import Move, write_customers, write_tier_changes
from queues.models import AccountManager
from routing.masking import SEES_CALLERS, masked

ID = "id"
IDENTIFYING = (CUSTOMER_NO, PHONE, EMAIL)
"""What a customer is recognised by where the file has no id of ours, the surest first."""

BETWEEN = "; "
AT_ONCE = 2000
SHOWN = 200
NO_CONNECTION = 0

Handles = Mapping[str, set[str]]


@dataclass(frozen=True)
class Person:
    """One line, read: our id if the file has it, what it says, and its tier (absent: nothing is said of it)."""

    line: int
    own_id: str
    wanted: Wanted
    says: Mapping[str, Any]

    def addresses(self) -> list[tuple[str, str]]:
        return list(self.wanted.addresses())


class PeopleTable:
    """Customers with handles, tier, attributes and account manager."""

    slug = "customers"
    model = Customer
    has_regions = True
    permissions = ("customers.add_customer", "customers.change_customer", SEES_CALLERS)

    def columns(self) -> list[Column]:
        """Our id, then whatever a CRM can say of a customer."""
        known = targets(AttributeDefinition.objects.values_list("key", "label"))
        own = Column(ID, gettext_lazy("id in this portal"))
        return [own, *(Column(name, label, may_repeat=name.startswith(HANDLE)) for name, label in known)]

    def size(self, row: Row, choices: Choices) -> int:
        """A row is a person."""
        return 1

    def look(self, rows: Sequence[Row], choices: Choices) -> list[Found]:
        """What each of `rows`, by the names of our columns, would do."""
        read = [self._read(row, mapping, choices) for mapping in [_mappings(choices)] for row in rows]
        people = [each for each in read if isinstance(each, Person)]
        known = _Known.of(people)
        new = {str(each.line): each.addresses() for each in people if not known.behind(each)}
        erased = suppressed(NO_CONNECTION, new)
        return [each if isinstance(each, Found) else known.compared(each, str(each.line) in erased) for each in read]

    def _read(self, row: Row, mappings: Mappings, choices: Choices) -> Person | Found:
        try:
            if row.problem:
                raise Refused("", row.problem)
            return _person(row, mappings, choices)
        except Refused as refused:
            return Found(row.line, column=refused.column, reason=str(refused.reason))

    def write(self, rows: Sequence[ImportRow], _user: Any) -> int:
        """Do what `rows` say, in the caller's transaction; how many could not be done any more."""
        found = Customer.objects.filter(pk__in=numbers([row.target for row in rows if row.target]))
        known = {each.pk: each for each in found.select_for_update(of=("self",)).order_by("pk")}
        tiers: dict[int | None, str] = dict(LoyaltyTier.objects.values_list("pk", "slug"))
        by_slug = {slug: pk for pk, slug in tiers.items()}
        strangers = {str(row.pk): list(_wanted(row).addresses()) for row in rows if not row.target}
        erased = suppressed(NO_CONNECTION, strangers)
        held = held_by(list(known))
        moves: list[Move] = []
        new: list[tuple[ImportRow, Customer]] = []
        for row in rows:
            customer = known.get(row.target) if row.target else Customer(updated_at=timezone.now())
            if customer is None or str(row.pk) in erased:
                continue
            if row.target:
                row.before = standing(customer, in_columns(row.wanted), held[customer.pk], tiers)
            else:
                new.append((row, customer))
            moves.append(move_of(row, customer, by_slug))
        write_customers(moves)
        write_tier_changes(((move, TierChange.Cause.IMPORT) for move in moves), tiers)
        for row, customer in new:
            row.target, row.before = customer.pk, {VERSION: version_of(customer)}
        return len(rows) - len(moves)

    def export(self, rows: "QuerySet[Customer]", user: Any) -> Iterator[list[str]]:
        """The cells of each customer, in the order of the columns; addresses masked for who may not see callers."""
        sees_all = user.has_perm(SEES_CALLERS)
        names = [column.name for column in self.columns()]
        waiting = rows.select_related("tier").iterator(chunk_size=AT_ONCE)
        while batch := list(islice(waiting, AT_ONCE)):
            held = held_by([each.pk for each in batch])
            for customer in batch:
                handles = held[customer.pk]
                if not sees_all:
                    handles = {kind: {masked(value) for value in values} for kind, values in handles.items()}
                yield [_cell(name, customer, handles) for name in names]


def _mappings(choices: Choices) -> Mappings:
    """The file's columns as the mapping of a CRM whose records have our names as keys."""
    wanted = [name for name in dict.fromkeys(choices.columns) if name and name != ID]
    tiers: dict[str, str] = {}
    for slug, name in LoyaltyTier.objects.values_list("slug", "name"):
        tiers |= {slug.casefold(): slug, str(name).casefold(): slug}
    rules = tuple(Rule(name, f'"{name}"') for name in wanted)
    types = dict(AttributeDefinition.objects.values_list("key", "type"))
    return Mappings(id_path="line", region=choices.region, rules=rules, tiers=tiers, attributes=types)


def _person(row: Row, mappings: Mappings, choices: Choices) -> Person:
    """What the line says. Raises Refused."""
    record: dict[str, Any] = {"line": str(row.line)}
    for name, text in row.values.items():
        record[name] = _several(name, text, choices.region) if name.startswith(HANDLE) else text
    mapped = map_record(record, mappings)
    if isinstance(mapped, Rejection):
        raise Refused(mapped.field, mapped.reason)
    if not choices.empties:
        _leave_alone(mapped, [name for name, text in row.values.items() if not text])
    if mapped.fields.get("account_manager"):
        mapped.fields["account_manager"] = _manager(str(mapped.fields["account_manager"]))
    says = {TIER: mapped.fields[TIER]} if TIER in mapped.fields else {}
    return Person(row.line, row.values.get(ID, ""), Wanted.of(mapped), says)


def _several(name: str, text: str, region: str) -> list[str]:
    """The addresses in one cell. Raises Refused for a phone number that a spreadsheet has spoilt."""
    found = [each.strip() for each in text.replace("\n", ";").split(";") if each.strip()]
    for each in found if name == f"{HANDLE}{PHONE}" else ():
        if fault := spelling.spoilt(each, region):
            raise Refused(name, misspelt(fault))
    return found


def _leave_alone(mapped: Mapped, empty: list[str]) -> None:
    """An empty cell says nothing."""
    for name in empty:
        if name.startswith(HANDLE):
            mapped.handles.pop(name.removeprefix(HANDLE), None)
        elif name.startswith(ATTRIBUTE):
            mapped.attributes.pop(name.removeprefix(ATTRIBUTE), None)
        else:
            mapped.fields.pop(name, None)


def _manager(word: str) -> str:
    """The short name of an account manager whose name stands in the file; what is no name of one stays."""
    found = AccountManager.objects.filter(name__iexact=word).values_list("slug", flat=True)[:2]
    return found[0] if len(found) == 1 else word


@dataclass(frozen=True)
class _Known:
    """Who of the people in some lines is known already."""

    customers: Mapping[int, Customer]
    owners: Mapping[tuple[str, str], set[int]]
    held: Mapping[int, Handles]

    @classmethod
    def of(cls, people: Sequence[Person]) -> "_Known":
        ids = {int(each.own_id) for each in people if each.own_id.isdecimal() and len(each.own_id) < 18}
        owners: dict[tuple[str, str], set[int]] = defaultdict(set)
        for kind in IDENTIFYING:
            values = {value for each in people for value in each.wanted.handles.get(kind, ())}
            rows = Handle.objects.filter(kind=kind, value__in=texts(sorted(values))).order_by()
            for value, customer_id, root_id in rows.values_list("value", "customer_id", "customer__merged_into_id"):
                owners[kind, value].add(root_id or customer_id)
        ids |= {customer_id for several in owners.values() for customer_id in several}
        rows_of = Customer.objects.select_related("tier").filter(pk__in=numbers(sorted(ids)))
        return cls({each.pk: each for each in rows_of}, owners, held_by(sorted(ids)))

    def behind(self, person: Person) -> set[int]:
        """Whoever the line may be about: by our id, else by the surest of the addresses that somebody has."""
        if person.own_id:
            is_ours = person.own_id.isdecimal() and int(person.own_id[:18]) in self.customers
            return {int(person.own_id)} if is_ours else set()
        for kind in IDENTIFYING:
            found = {pk for value in person.wanted.handles.get(kind, ()) for pk in self.owners.get((kind, value), ())}
            if found:
                return found
        return set()

    def compared(self, person: Person, is_erased: bool) -> Found:
        """What the line would do to its customer."""
        found = self.behind(person)
        if is_erased:
            return Found(person.line, reason=_("was erased, and does not come back by an import"))
        if len(found) > 1:
            reason = _("several customers have this address; say which by the column “id in this portal”")
            return Found(person.line, reason=reason)
        if person.own_id and not found:
            return Found(person.line, column=ID, reason=_("there is no customer with this id"))
        if not found and not any(kind in IDENTIFYING for kind, _value in person.addresses()):
            return Found(person.line, reason=_("has no customer number, phone number or e-mail address"))
        return self._difference(person, self.customers[found.pop()] if found else None)

    def _difference(self, person: Person, customer: Customer | None) -> Found:
        names = [*person.wanted.fields, *(f"{ATTRIBUTE}{key}" for key in person.wanted.attributes)]
        names += [*(f"{HANDLE}{kind}" for kind in person.wanted.handles), *person.says]
        before = {name: _cell(name, customer, self.held[customer.pk]) if customer else "" for name in names}
        after = {name: _said(name, person) for name in names}
        changes = [(name, before[name][:SHOWN], after[name][:SHOWN]) for name in names if before[name] != after[name]]
        surest = next(
            (f"{kind}:{value}" for each in IDENTIFYING for kind, value in person.addresses() if kind == each), ""
        )
        return Found(
            person.line,
            key=f"customer:{customer.pk}" if customer else surest,
            label=str(customer) if customer else str(person.wanted.fields.get("name") or surest.partition(":")[2]),
            target=customer.pk if customer else None,
            wanted={**person.wanted.as_json(), **person.says} if changes or not customer else {},
            changes=changes,
            is_new=customer is None,
        )


def held_by(customer_ids: Sequence[int]) -> Mapping[int, Handles]:
    """Each customer's addresses by kind."""
    held: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = Handle.objects.filter(customer_id__in=numbers(customer_ids)).order_by()
    for customer_id, kind, value in rows.values_list("customer_id", "kind", "value"):
        held[customer_id][kind].add(value)
    return held


def _cell(name: str, customer: Customer, handles: Handles) -> str:
    """A column of a customer, as it is exported and shown."""
    if name == ID:
        return str(customer.pk)
    if name == TIER:
        return customer.tier.slug if customer.tier else ""
    if name.startswith(HANDLE):
        return BETWEEN.join(sorted(handles.get(name.removeprefix(HANDLE), ())))
    is_attribute = name.startswith(ATTRIBUTE)
    return _text(customer.attributes.get(name.removeprefix(ATTRIBUTE)) if is_attribute else getattr(customer, name))


def _said(name: str, person: Person) -> str:
    if name == TIER:
        return _text(person.says[TIER])
    if name.startswith(HANDLE):
        return BETWEEN.join(sorted(person.wanted.handles[name.removeprefix(HANDLE)]))
    is_attribute = name.startswith(ATTRIBUTE)
    return _text(person.wanted.attributes[name.removeprefix(ATTRIBUTE)] if is_attribute else person.wanted.fields[name])


def shown(value: Any) -> str:
    """A value of `in_columns` or `standing` as a cell."""
    return BETWEEN.join(value) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def in_columns(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a line wants, by the names of our columns."""
    attributes = {f"{ATTRIBUTE}{key}": value for key, value in wanted["attributes"].items()}
    handles = {f"{HANDLE}{kind}": sorted(values) for kind, values in wanted["handles"].items()}
    tier = {TIER: wanted[TIER] or ""} if TIER in wanted else {}
    return {**wanted["fields"], **attributes, **handles, **tier}


def standing(
    customer: Customer, names: Iterable[str], handles: Handles, tiers: Mapping[int | None, str]
) -> dict[str, Any]:
    """What stands in these columns, as `in_columns` gives it."""
    return {name: _standing(name, customer, handles, tiers) for name in names}


def _standing(name: str, customer: Customer, handles: Handles, tiers: Mapping[int | None, str]) -> Any:
    if name == TIER:
        return tiers.get(customer.tier_id, "")
    if name.startswith(HANDLE):
        return sorted(handles.get(name.removeprefix(HANDLE), ()))
    is_attribute = name.startswith(ATTRIBUTE)
    return customer.attributes.get(name.removeprefix(ATTRIBUTE)) if is_attribute else getattr(customer, name)


def version_of(customer: Customer) -> str:
    """Another one means that he was changed since."""
    return customer.updated_at.isoformat()


def _wanted(row: ImportRow) -> Wanted:
    return Wanted(**{name: row.wanted[name] for name in ("fields", "attributes", "handles")})


def move_of(row: ImportRow, customer: Customer, tiers: Mapping[str, int | None]) -> Move:
    """The customer, in memory, as the line wants him."""
    move = Move(customer, _wanted(row), customer.tier_id, is_new=not row.target)
    differs = take_over(customer, move.wanted)
    if TIER in row.wanted and tiers.get(row.wanted[TIER]) != customer.tier_id:
        customer.tier_id = tiers.get(row.wanted[TIER])
        differs = True
    if differs and row.target:
        customer.updated_at = timezone.now()
    move.is_changed = differs and not move.is_new
    return move
