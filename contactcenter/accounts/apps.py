from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "contactcenter.accounts"
    label = "accounts"
    verbose_name = _("Access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.models import Group  # models are there only now

        from contactcenter.accounts import roles

        Group.__str__ = roles.in_words  # type: ignore[method-assign, assignment]  # all pages say it by this
        post_migrate.connect(roles.after_migrating, sender=self, dispatch_uid="roles")
