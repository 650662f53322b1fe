from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ContactCenterConfig(AppConfig):
    """The composition: commands, checks and static files of the portal as a whole."""

    name = "contactcenter"
    default = True

    def ready(self) -> None:
        # Celery's app must exist before a task is sent; the checks register themselves, and import models.
        from contactcenter import celery, checks  # noqa: F401 - they register themselves


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site: grouped as a supervisor thinks."""

    default = False
    default_site = "contactcenter.site.PortalSite"
