"""The portal's admin site."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class PortalSite(admin.AdminSite):
    site_header = _("Priority routing")
    site_title = _("Priority routing")
    index_title = _("Home")
