"""The decide server: no database, no cache, no broker, no session. It reads one file and appends to another."""

from typing import Any

from contactcenter.environment import (  # noqa: F401 - settings are read by name
    DEBUG,
    DECISION_ID_KEY,
    EMERGENCY_TARGET,
    FIELD_ENCRYPTION_KEYS,
    LIVE_DIR,
    PRIVATE_NETWORKS,
    SECRET_KEY,
    SPOOL_SYNC,
    STATISTICS_STALE_AFTER_S,
    TRUSTED_PROXIES,
    env,
)
from contactcenter.foundation.logs import logging_config

# Providers address us by whatever name they were given; the Host header decides nothing here.
ALLOWED_HOSTS = ["*"]
DATABASES: dict[str, Any] = {}
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE: list[str] = []
TEMPLATES: list[dict[str, Any]] = []
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
ROOT_URLCONF = "contactcenter.decide_urls"
WSGI_APPLICATION = "contactcenter.decide_wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 65_536
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"))
# Each refusal would be a warning; they are counted and logged by the views that refuse.
LOGGING["loggers"]["django.request"] = {"level": "ERROR"}
