"""The portal's settings under test: nothing of this machine's own var/ folder is read or written.

Environment variables that are set already win, so that `DATABASE_URL=... pytest` does what it says.
"""

import atexit
import os
import shutil
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

OWN_DIR = Path(tempfile.mkdtemp(prefix="contactcenter-test-"))
STARTED_BY = os.getpid()


@atexit.register
def _remove_own_dir() -> None:
    if os.getpid() == STARTED_BY:  # a forked child ends earlier and must leave the folder alone
        shutil.rmtree(OWN_DIR, ignore_errors=True)


os.environ["VAR_DIR"] = str(OWN_DIR)
os.environ["ENV_FILE"] = os.devnull
for folder in ("LIVE_DIR", "BROKER_DIR", "STATIC_ROOT"):
    os.environ.pop(folder, None)  # each lies in our own folder, also in each worker of a parallel run
for name, value in {
    "SECRET_KEY": "for-tests-only-" + "0123456789" * 4,
    "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(b"for-tests-only".ljust(32)).decode(),
    "INSECURE_HTTP": "true",
    "PRIVATE_NETWORKS": "127.0.0.0/8",
    "EMERGENCY_TARGET": "sip:emergency@pbx.example.net",
    "LOG_LEVEL": "INFO",
}.items():
    os.environ.setdefault(name, value)

if (redis_url := os.environ.get("REDIS_URL")) and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    # A database of Redis for each worker of a parallel run: one would take the other's messages.
    os.environ["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{worker.removeprefix('gw')}"

from contactcenter.settings import *  # noqa: E402, F403 - the environment comes first
from contactcenter.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, EMBEDDED_DATABASE  # noqa: E402
from tests.services import MIGRATED  # noqa: E402

if EMBEDDED_DATABASE:
    # A file, not memory: threads and processes of a test see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(OWN_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    if migrated := os.environ.get(MIGRATED):
        DATABASES["default"]["TEST"] = {"TEMPLATE": migrated.rpartition("/")[2]}

for option, folder in CELERY_BROKER_TRANSPORT_OPTIONS.items():
    if option.endswith(("folder", "folder_in", "folder_out")):
        Path(folder).mkdir(parents=True, exist_ok=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
