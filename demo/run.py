"""`make run`: everything on this machine, ready to try.

`main` tells the story. Everything written lies under var/, or where VAR_DIR says.
"""

import os
import signal
import sys
from pathlib import Path

from demo import run_env
from demo.processes import (
    PORTS,
    CannotRun,
    last_words,
    refuse_taken_ports,
    supervised,
    wait_for,
    wait_for_servers,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()
LOG = VAR_DIR / "log" / "run.log"


def main() -> None:
    """Set up what is missing, start everything, make the first steps, and stay until told to stop."""
    prepare_environment()
    refuse_taken_ports()
    run_env.write_once(VAR_DIR / "run.env")
    from demo import first_steps  # Django reads run.env when it is imported

    say("Setting up the database, the pages and the demo ...")
    first_steps.set_up()
    say("Starting the portal, the decide server, the worker and the demo CRM ...")
    with supervised(LOG) as processes:
        wait_for_servers(processes)
        wait_for(processes, "the worker", first_steps.worker_answers)
        say("Reading the customers from the demo CRM ...")
        wait_for(processes, "the customers", first_steps.customers_are_read)
        first_steps.publish_first_release()
        wait_for(processes, "the decide server", first_steps.decide_server_is_up_to_date)
        say(first_steps.welcome())
        processes.wait()
        raise CannotRun("A process ended, so the others were ended too.")


def prepare_environment() -> None:
    """Ports, folder and programs, for us and for every process that we start."""
    defaults = {"DJANGO_SETTINGS_MODULE": "contactcenter.settings", "DECIDE_THREADS": "8", "LOG_LEVEL": "WARNING"}
    for name, value in (PORTS | defaults).items():
        os.environ.setdefault(name, value)
    os.environ["VAR_DIR"] = str(VAR_DIR)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.chdir(BASE_DIR)


def say(line: str) -> None:
    print(line, flush=True)


def stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        main()
    except CannotRun as reason:
        sys.exit(f"{reason}\n{last_words(LOG)}" if reason.__cause__ is None else str(reason))
    except KeyboardInterrupt:
        say("\nStopped. The data is kept.")
