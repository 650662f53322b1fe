"""What both servers read from the environment. A file `var/run.env`, written by `make run`, fills the gaps."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
"""Everything that this host writes, unless a setting puts it elsewhere."""

env.read_env(env.str("ENV_FILE", default=str(VAR_DIR / "run.env")), overwrite=False)

SECRET_KEY: str = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS")
"""Fernet keys for secrets in the database, the newest first."""

DEBUG: bool = env.bool("DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])

LIVE_DIR = Path(env.str("LIVE_DIR", default=str(VAR_DIR / "live")))
"""Where the decide plane lives on this host: live.sqlite3 and spool.sqlite3."""

SPOOL_SYNC: str = env.str("SPOOL_SYNC", default="normal")
"""`normal` survives a killed process, `full` also a power cut."""

STATISTICS_STALE_AFTER_S: int = env.int("STATISTICS_STALE_AFTER_S", default=60)
"""Seconds after which what a phone system said of a queue counts as unknown."""

TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
"""Networks whose X-Forwarded-For is believed."""

PRIVATE_NETWORKS: list[str] = env.list("PRIVATE_NETWORKS", default=[])
"""Private networks that data sources and CRM connections may reach; none unless named here."""

EMERGENCY_TARGET: str = env.str("EMERGENCY_TARGET", default="")
"""Where contacts go while no release is held at all: a SIP URI or a phone number."""

DECISION_ID_KEY: str = env.str("DECISION_ID_KEY", default="") or SECRET_KEY
"""Keys the HMAC behind decision ids; the same on every decide host."""
