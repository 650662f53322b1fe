"""What a phone system is told of a caller's priority and skills, in words."""

from django.utils.translation import gettext as _

from queues.models import PhoneSystem, Queue
from queues.priorities import FIRST_CLASS, LAST_CLASS, scale_of
from queues.system_kinds import ADDRESS, WAYS, learns_by


def priority_told(system: PhoneSystem, priority_class: int, head_start_s: int) -> str:
    """What this phone system gets: “QUEUE_PRIO 20”."""
    way = learns_by(system.kind, system.learns_by)
    number = scale_of(system.kind, way).priority(priority_class, head_start_s)
    return _(WAYS[way].told) % {"number": number} if way != ADDRESS else _(WAYS[way].told)


def ways_told(system: PhoneSystem) -> list[str]:
    """Sentences: by what it learns, what each priority class is there, where skills are, and what it never does."""
    way = learns_by(system.kind, system.learns_by)
    sentences = [_("It learns priority by: %(way)s.") % {"way": _(WAYS[way].label)}]
    if way != ADDRESS:
        sentences.append(_(scale_of(system.kind, way).explanation))
    told_by_class = {each: priority_told(system, each, 0) for each in range(FIRST_CLASS, LAST_CLASS + 1)}
    if len(set(told_by_class.values())) > 1:
        line = _("class %(class)s: %(told)s")
        sentences += [line % {"class": each, "told": words} for each, words in told_by_class.items()]
    elif way != ADDRESS:
        sentences.append(_("The priority class means nothing to it; the head start of a queue does."))
    sentences.append(_("Skills reach it: %(how)s.") % {"how": _(WAYS[way].skills)})
    sentences.append(_("Calls already waiting are not moved: only the phone system itself could do that."))
    return sentences


def told(queue: Queue) -> list[str]:
    """What the queue's phone system will get of its callers, from the saved values."""
    system = queue.phone_system
    if system is None:
        return [_("Nothing: the queue has no phone system, or is not saved yet.")]
    sentences = [priority_told(system, queue.priority_class, queue.head_start_s)]
    if queue.skills and learns_by(system.kind, system.learns_by) != ADDRESS:
        sentences.append(_("Skills: %(skills)s") % {"skills": queue.skills.replace(",", ", ")})
    sentences.append(_("A branch may give its own priority. Calls already waiting are not moved."))
    return sentences
