"""var/run.env: the settings and secrets of `make run`, made up once and kept."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

HEAD = """\
# Made by `make run`, for this machine alone. Delete the whole var/ folder to begin anew.
"""


def write_once(path: Path) -> None:
    """Make up what is not there yet, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)  # somebody else may have begun the file
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        text = file.read()
        known = {line.split("=", 1)[0] for line in text.splitlines()}
        missing = [f"{name}={value}\n" for name, value in _fresh().items() if name not in known]
        if missing:
            file.write(("" if text else HEAD) + ("\n" if text and not text.endswith("\n") else "") + "".join(missing))


def _fresh() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DECISION_ID_KEY": secrets.token_urlsafe(32),
        "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INSECURE_HTTP": "true",
        "TIME_ZONE": "Europe/Rome",
        "PRIVATE_NETWORKS": "127.0.0.0/8",
        "EMERGENCY_TARGET": "sip:reception@pbx.example.net",
        "DEMO_ADMIN_PASSWORD": secrets.token_urlsafe(12),
        "DEMO_API_KEY": "cc_" + secrets.token_urlsafe(32),
        "DEMO_CRM_TOKEN": secrets.token_urlsafe(24),
        "DEMO_TWILIO_SECRET": secrets.token_hex(16),
    }
