"""What it means that something of the draft points at a thing: said before the thing goes."""

from django.utils.translation import ngettext_lazy

from contactcenter.foundation.consequences import Use, say

say(
    {
        "routing.Number.default_queue": Use(
            ngettext_lazy("%(count)s number falls back on it", "%(count)s numbers fall back on it", "count"),
            in_lists=True,
        ),
        "routing.Number.flow": Use(
            ngettext_lazy("%(count)s number leads into it", "%(count)s numbers lead into it", "count"), in_lists=True
        ),
        "routing.Number.account": Use(
            ngettext_lazy("%(count)s number is on it", "%(count)s numbers are on it", "count"), in_lists=True
        ),
        "routing.Number.belongs_to": Use(
            ngettext_lazy("%(count)s number belongs to it", "%(count)s numbers belong to it", "count"), in_lists=True
        ),
        "routing.Flow.belongs_to": Use(
            ngettext_lazy("%(count)s flow belongs to it", "%(count)s flows belong to it", "count"), in_lists=True
        ),
        "routing.Flow.last_path": Use(
            ngettext_lazy(
                "%(count)s flow sends everyone else to it", "%(count)s flows send everyone else to it", "count"
            ),
            in_lists=True,
        ),
        "routing.Flow.notify": Use(
            ngettext_lazy("%(count)s flow tells it", "%(count)s flows tell it", "count"), in_lists=True
        ),
        "routing.Branch.queue": Use(
            ngettext_lazy("%(count)s branch leads to it", "%(count)s branches lead to it", "count"),
            "flow",
            in_lists=True,
        ),
        "routing.Branch.notify": Use(
            ngettext_lazy("%(count)s branch tells it", "%(count)s branches tell it", "count"), "flow", in_lists=True
        ),
        "routing.BlockedCaller.queue": Use(
            ngettext_lazy("%(count)s blocked caller is sent to it", "%(count)s blocked callers are sent to it", "count")
        ),
        "routing.FetchStep.source": Use(
            ngettext_lazy("%(count)s fetch step asks it", "%(count)s fetch steps ask it", "count"),
            "flow",
            in_lists=True,
        ),
        "routing.SampleCall.expected": Use(
            ngettext_lazy("%(count)s sample call must reach it", "%(count)s sample calls must reach it", "count"),
            "flow",
        ),
        "routing.SampleCall.tier": Use(
            ngettext_lazy("%(count)s sample call is of it", "%(count)s sample calls are of it", "count"), "flow"
        ),
        "routing.SampleCall.number": Use(
            ngettext_lazy("%(count)s sample call goes with it", "%(count)s sample calls go with it", "count"), "flow"
        ),
        "routing.Branch.flow": Use(
            ngettext_lazy("%(count)s branch goes with it", "%(count)s branches go with it", "count")
        ),
        "routing.SampleCall.flow": Use(
            ngettext_lazy("%(count)s sample call goes with it", "%(count)s sample calls go with it", "count")
        ),
        "routing.ApiKey.account": Use(
            ngettext_lazy("%(count)s API key stops working", "%(count)s API keys stop working", "count")
        ),
    }
)
