from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class ContactCenterConfig(AppConfig):
    """The composition: commands, checks and static files of the portal as a whole."""

    name = "contactcenter"
    default = True

    def ready(self) -> None:
        # Celery's app must exist before a task is sent; the checks register themselves, and import models.
        from contactcenter import celery, checks  # noqa: F401 - they register themselves


class PortalAdminConfig(SimpleAdminConfig):
    """Django's admin with our own site: grouped as a supervisor thinks.

    Its pages are loaded with the portal's addresses: couriers, workers and commands start without them.
    """

    default = False
    default_site = "contactcenter.site.PortalSite"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(pages_are_sound, checks.Tags.admin)


def pages_are_sound(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """What Django checks of an admin's pages, once they are there."""
    admin.autodiscover()
    found: list[checks.CheckMessage] = check_admin_app(app_configs)
    return found
