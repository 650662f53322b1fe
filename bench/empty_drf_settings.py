"""The decide server's own settings, for a view that does nothing: no database, JSON only."""

from contactcenter.decide_settings import *  # noqa: F403 - settings are settings

ROOT_URLCONF = "bench.empty_drf"
MIDDLEWARE = ["bench.content_length.content_length"]
