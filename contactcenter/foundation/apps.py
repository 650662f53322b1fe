from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    name = "contactcenter.foundation"
    label = "foundation"
    verbose_name = _("Teams")
    default_auto_field = "django.db.models.BigAutoField"
