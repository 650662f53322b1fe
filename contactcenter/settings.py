"""The portal, the Celery workers and the courier: everything that has a database."""

from pathlib import Path
from typing import Any

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

from contactcenter.celery_settings import *  # noqa: F403 - settings are read by name
from contactcenter.celery_settings import REDIS_URL
from contactcenter.environment import (  # noqa: F401 - settings are read by name
    ALLOWED_HOSTS,
    BASE_DIR,
    DEBUG,
    DECISION_ID_KEY,
    EMERGENCY_TARGET,
    FIELD_ENCRYPTION_KEYS,
    LIVE_DIR,
    PRIVATE_NETWORKS,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    SPOOL_SYNC,
    STATISTICS_STALE_AFTER_S,
    TRUSTED_PROXIES,
    VAR_DIR,
    env,
)
from contactcenter.foundation.logs import logging_config
from contactcenter.login_settings import *  # noqa: F403 - read by name, too
from contactcenter.login_settings import LOGIN_APPS

INSTALLED_APPS = [
    "contactcenter.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "adminsortable2",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    *LOGIN_APPS,
    "contactcenter.foundation",
    "contactcenter.accounts",
    "contactcenter.tables",
    "contactcenter",
    "customers",
    "queues",
    "routing",
    "simple_history",
    "contactcenter.audit",
]
MIDDLEWARE = [
    "contactcenter.health.answered_first",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "contactcenter.no_nul.no_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "contactcenter.accounts.languages.PersonsLanguage",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "contactcenter.accounts.two_factors.TwoFactorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "contactcenter.urls"
WSGI_APPLICATION = "contactcenter.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "contactcenter.accounts.pages.frame",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # fields are drawn by our templates where we have some
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Database: PostgreSQL by DATABASE_URL in production, SQLite where nothing is installed.
DATABASES: dict[str, Any] = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
EMBEDDED_DATABASE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if EMBEDDED_DATABASE:
    # IMMEDIATE takes the write lock at BEGIN: six writers measured without one "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=FAST;",
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **DATABASES["default"].get("OPTIONS", {}),  # what the URL says, such as sslmode
            "connect_timeout": 2,
            "tcp_user_timeout": 3000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        },
    }

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Language and time. Calendars and numbers carry zones of their own.
LANGUAGE_CODE: str = env.str("LANGUAGE_CODE", default="en")
"""Of what workers write down, of mails and of browsers that ask for a language that we do not have."""
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("it", _("Italian")),
    ("de", _("German")),
    ("id", _("Indonesian")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["contactcenter.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE: str = env.str("TIME_ZONE", default="UTC")
"""The clock of the portal's pages. What is stored and sent is UTC whatever stands here."""

# E-mail of alerts; where none is set up, nothing is sent.
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL: str = env.str("EMAIL_FROM", default="contactcenter@localhost")
EMAIL_TIMEOUT = 10

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# Browser security. `make run` speaks plain HTTP on loopback and says so with INSECURE_HTTP.
INSECURE_HTTP: bool = env.bool("INSECURE_HTTP", default=False)
SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = not INSECURE_HTTP
# In a cookie they would outlive the login, and name customers to whoever logs in next.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_SECURE = not INSECURE_HTTP
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
# A flow with a thousand branches is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000

# Forgetting by age, in days; 0 keeps for good.
CALLERS_KEPT_DAYS: int = env.int("CALLERS_KEPT_DAYS", default=90)
"""Then a decision's caller becomes a pseudonym."""
DECISIONS_KEPT_DAYS: int = env.int("DECISIONS_KEPT_DAYS", default=400)
MESSAGES_KEPT_DAYS: int = env.int("MESSAGES_KEPT_DAYS", default=90)
STAGED_KEPT_DAYS: int = env.int("STAGED_KEPT_DAYS", default=3)
REJECTS_KEPT_DAYS: int = env.int("REJECTS_KEPT_DAYS", default=30)
HISTORY_KEPT_DAYS: int = env.int("HISTORY_KEPT_DAYS", default=400)
"""Sync runs, tier changes, the admin's log."""

PRIVACY_KEY: str = env.str("PRIVACY_KEY", default="") or DECISION_ID_KEY
"""Keys the hashes by which erased people are kept from coming back; never to be changed."""

PORTAL_REQUESTS_PER_MINUTE: int = env.int("PORTAL_REQUESTS_PER_MINUTE", default=600)
"""How often one key or person may ask the portal's API; 0 is no limit."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Priority routing",
    "DESCRIPTION": "Where does this contact go? Decisions for telephony and messaging providers.",
    "VERSION": "1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}},
}
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"))
