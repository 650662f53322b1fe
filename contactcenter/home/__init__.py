"""How things stand: what the home page says."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from contactcenter.foundation.models import GuidedSetUp
from contactcenter.home.alarms import alarms
from contactcenter.home.draft import Draft, draft
from contactcenter.home.first_steps import still_to_do
from contactcenter.home.parts import Step, may_see
from contactcenter.home.queues_now import QueuesNow, queues_now
from contactcenter.home.today import Today, today
from customers.models import SyncRun
from queues.models import Queue
from routing import pilots, planning
from routing.models import Decision, Pilot, PlannedRelease, Release


@dataclass(frozen=True)
class Standing:
    """What is missing, wrong, live and going on; None for what this person may not see, or what is not there."""

    steps: list[Step]
    is_set_up_begun: bool
    alarms: list[Step]
    release: Release | None
    pilots: list[Pilot]
    plans: list[PlannedRelease]
    draft: Draft | None
    sync: SyncRun | None
    queues: QueuesNow | None
    today: Today | None


def standing(request: HttpRequest) -> Standing:
    """How things stand, as far as this person may see it. A few queries a part, however large the tables are."""
    user: Any = request.user
    now = timezone.now()
    release = _live_release() if may_see(user, Release) else None
    return Standing(
        steps=list(still_to_do(user, release)),
        is_set_up_begun=GuidedSetUp.objects.filter(begun_by=user).exists(),
        alarms=list(alarms(user, release)),
        release=release,
        pilots=list(pilots.running(now)) if may_see(user, Pilot) else [],
        plans=list(planning.ahead()) if release else [],
        draft=draft(release, user) if release else None,
        sync=_last_sync() if may_see(user, SyncRun) else None,
        queues=queues_now(user, now) if may_see(user, Queue) else None,
        today=today(user, now) if may_see(user, Decision) else None,
    )


def _last_sync() -> SyncRun | None:
    return SyncRun.objects.select_related("connection").exclude(state=SyncRun.State.PUSHED).first()


def _live_release() -> Release | None:
    return Release.objects.select_related("published_by").defer("document").first()
