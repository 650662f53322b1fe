"""What operators type, and what runs beside the portal."""

from django.core.checks import Tags
from django.core.management.base import BaseCommand


class OperatorCommand(BaseCommand):
    """A command that somebody waits for: this host's keys and folders are checked, the portal's pages are not loaded.

    What is wrong with those would be so on every host: lint, `check` and `migrate` say it before a release runs.
    """

    requires_system_checks = [Tags.security]
