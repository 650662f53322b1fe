"""Problems of notifications: third parties that would not hear what a branch tells them."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from routing.problems.found import Document, Path, Problem, branch_name, name_of, warning

TARGETS = "notification_targets"


def find(document: Document, silent: Mapping[str, str]) -> Iterator[Problem]:
    """Branches that notify a target that cannot be told now. `silent` are these targets: short name to name."""
    for slug, flow in document["flows"].items():
        words = {"flow": name_of(document, "flows", slug)}
        for position, branch in enumerate(flow["branches"]):
            told = branch.get("notify")
            path: Path = ("flows", slug, "branches", position)
            if told in silent:
                what = _("%(branch)s of flow “%(flow)s”") % (words | {"branch": branch_name(flow, position)})
                yield _unheard(what, silent[told], path)
        if flow.get("notify") in silent:
            what = _("Everyone else of flow “%(flow)s”") % words
            yield _unheard(what, silent[flow["notify"]], ("flows", slug))


def _unheard(what: str, target: str, path: Path) -> Problem:
    message = _("%(what)s notifies “%(target)s”, which is switched off or has no address or secret.")
    return warning(path, message % {"what": what, "target": target})
