from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import far_numbers


class FoundationConfig(AppConfig):
    name = "contactcenter.foundation"
    label = "foundation"
    verbose_name = _("Teams")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        far_numbers.leave_out()
