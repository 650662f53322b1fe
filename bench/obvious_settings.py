"""The portal's settings without everything the obvious version can do without."""

from contactcenter.settings import *  # noqa: F403 - settings are settings
from contactcenter.settings import DATABASES, INSTALLED_APPS

NOT_NEEDED = {"contactcenter.apps.PortalAdminConfig": "django.contrib.admin.apps.SimpleAdminConfig"}
INSTALLED_APPS = [NOT_NEEDED.get(app, app) for app in INSTALLED_APPS if not app.startswith("allauth")]
ROOT_URLCONF = "bench.obvious"
MIDDLEWARE = ["bench.content_length.content_length"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
