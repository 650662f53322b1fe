"""What the answers make: tiers where there are none, queues, a flow with its branches and sample calls, the number."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from contactcenter.accounts.models import User
from contactcenter.foundation import teams
from contactcenter.foundation.free_names import free_name
from contactcenter.foundation.models import GuidedSetUp, Team
from contactcenter.guided import kept
from contactcenter.guided.customers_step import CustomersStep, make_tiers
from contactcenter.guided.number_step import VOICE, NumberStep
from contactcenter.guided.queues_step import QueuesStep, Waiting
from contactcenter.guided.steps import ASKING
from customers.models import LoyaltyTier
from queues import three_queues
from queues.models import PhoneSystem, Queue
from routing.models import Branch, Flow, Number, SampleCall


class NotWhole(Exception):
    """A step can no longer be used as it was answered: something has changed since."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


def make(set_up: GuidedSetUp, request: Any) -> None:
    """Make the draft, once; inside a transaction that holds `set_up`. Raises NotWhole or ValidationError.

    Each step counts with the rights of the person who answered it.
    """
    if set_up.made:
        return
    given = {step: _answered(set_up, step) for step in ASKING}
    team = Team.objects.filter(pk__in=teams.teams_of(request.user)).order_by("pk").first()
    make_tiers()
    queues = _queues(given["queues"]["waiting"], given["number"]["label"], team)
    flow = Flow.objects.create(**_named(Flow, given["number"]["label"]), last_path=queues[-1], belongs_to=team)
    things: list[Model] = [*queues, flow, *_branches(flow, queues, given["customers"])]
    number = _number(given["number"], flow, queues[-1], team)
    set_up.made = {"flow": flow.pk, "number": number.pk}
    set_up.save()
    for thing in [*things[: len(queues) + 1], number]:
        admin.site.get_model_admin(type(thing)).log_addition(request, thing, [{"added": {}}])


def form_of(set_up: GuidedSetUp, step: str, user: Any, *data: Any, **kwargs: Any) -> Any:
    """The form of `step` for this person."""
    if step == "number":
        return NumberStep(user, *data, **kwargs)
    if step == "queues":
        return QueuesStep(user, *data, **kwargs)
    return CustomersStep(user.has_perm("customers.add_uploadedlist"), *data, **kwargs)


def _answered(set_up: GuidedSetUp, step: str) -> dict[str, Any]:
    by = User.objects.filter(pk=kept.author(set_up, step) or 0, is_active=True).first()
    form = form_of(set_up, step, by, kept.typed(set_up, step)) if by and kept.is_whole(set_up, step) else None
    if form is None or not form.is_valid():
        raise NotWhole(step)
    return {**form.cleaned_data, "existing": getattr(form, "existing", None)}


def _queues(waiting: Waiting, label: str, team: Team | None) -> list[Queue]:
    if waiting.existing:
        return waiting.existing
    system = waiting.system
    if system._state.adding:
        system.slug = free_name(PhoneSystem, "slug", slugify(system.name)[:40].strip("-") or "system")
        system.full_clean()
        system.save()
    return three_queues.make(system, waiting.addresses, _beginning(label, system), team)


def _beginning(label: str, system: PhoneSystem) -> str:
    """What the queues' names begin with: nothing where VIP, Priority and Standard are free."""
    tried = ["", label[:30], system.name[:30], *(f"{label[:26]} {n}" for n in range(2, 100))]
    return next(each for each in tried if not _taken(each))


def _taken(beginning: str) -> bool:
    names = [f"{beginning} {rank.name}".strip() for rank in three_queues.RANKS]
    slugs = [slugify(f"{beginning} {rank.slug}") for rank in three_queues.RANKS]
    return Queue.objects.filter(name__in=names).exists() or Queue.objects.filter(slug__in=slugs).exists()


def _branches(flow: Flow, queues: Sequence[Queue], given: dict[str, Any]) -> Iterator[Model]:
    """A branch for each of the first two queues that has tiers, and for every tier a call that must reach it."""
    tiers = {tier.slug: tier for tier in LoyaltyTier.objects.all()}
    wanted = (given["vip"], given["priority"])
    for position, (rank, queue, slugs) in enumerate(zip(three_queues.RANKS, queues, wanted, strict=False), 1):
        if not slugs:
            continue
        conditions = [[{"variable": "customer.tier", "operator": "is_one_of", "value": list(slugs)}]]
        yield Branch.objects.create(
            flow=flow, position=position, label=str(rank.name), slug=rank.slug, conditions=conditions, queue=queue
        )
        for slug in slugs:
            name = _("%(tier)s customer calls") % {"tier": tiers[slug].name}
            yield SampleCall.objects.create(flow=flow, name=name[:80], tier=tiers[slug], expected=queue)
    yield SampleCall.objects.create(flow=flow, name=_("A stranger calls"), expected=queues[-1])


def _number(given: dict[str, Any], flow: Flow, queue: Queue, team: Team | None) -> Number:
    number: Number = given["existing"] or Number(channel=VOICE, address=given["address"], belongs_to=team)
    number.account, number.label, number.time_zone = given["account"], given["label"], given["time_zone"]
    number.flow, number.default_queue = flow, queue
    number.full_clean()
    number.save()
    return number


def _named(model: Any, name: str) -> dict[str, str]:
    """A name and a short name that are free."""
    slug = slugify(name)[:40].strip("-") or "flow"
    return {"name": free_name(model, "name", name, " "), "slug": free_name(model, "slug", slug)}
