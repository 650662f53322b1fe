"""`make bench`: measure, print the table, keep the figures in var/bench.json."""

import argparse
import os
import signal
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
RESULTS = ROOT / "var" / "bench.json"

# Our own surroundings, before any settings are read; the servers that are started inherit them.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "contactcenter.decide_settings",
    "ENV_FILE": os.devnull,
    "VAR_DIR": str(FOLDER),
    "SECRET_KEY": "for-the-bench-only-" + "0123456789" * 4,
    "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(b"for-the-bench-only".ljust(32)).decode(),
    "LOG_LEVEL": "INFO",
}

import django  # noqa: E402 - the environment comes first

from bench import database, figures, in_process, over_http  # noqa: E402


def main() -> int:
    """Everything, in a few minutes. The goals are for people: a missed one is no failure of the command."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves by the same door as Ctrl-C
    os.chdir(ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    measured = [_courier(asked.customers)] if asked.courier else _decisions(asked)
    figures.keep(measured, RESULTS)
    print(f"\n{figures.table(measured)}\n\nAlso in {RESULTS.relative_to(ROOT)}.")
    return 0


def _decisions(asked: argparse.Namespace) -> list[figures.Figure]:
    django.setup()
    from bench import views  # DRF reads the settings when it is imported

    by_customers = in_process.measure(FOLDER, asked.customers, asked.rounds)
    by_branches = over_http.by_branches(FOLDER, asked.rounds, asked.seconds)
    by_servers = over_http.measure(FOLDER, asked.customers, asked.rounds, asked.seconds)
    # Last: it leaves a thread behind that keeps an eye on the live folder.
    in_views = views.measure(FOLDER, asked.customers, asked.rounds)
    return [*by_servers, by_customers, by_branches, in_views]


def _courier(customers: int) -> figures.Figure:
    with database.database(FOLDER) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
        django.setup()
        from bench import courier  # models: they can be read from here on

        return courier.measure(url, FOLDER, customers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000, help="how many customers are known")
    parser.add_argument("--rounds", type=int, default=7, help="how often each ratio is measured")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each server is kept busy in a round")
    parser.add_argument("--courier", action="store_true", help="only how long the first copy of all facts takes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
