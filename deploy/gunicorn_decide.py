"""gunicorn's settings for the decide server: threads that answer calls, from one local file.

gunicorn holds a thread for up to 5 s for a connection that sends nothing: keep plenty of threads, and a
buffering proxy in front in production.
"""

import os
from typing import Any

from routing import rolling_reload, worker_metrics

bind = os.environ.get("DECIDE_BIND", f"127.0.0.1:{os.environ.get('DECIDE_PORT', '8001')}")
wsgi_app = "contactcenter.decide_wsgi:application"
# Whatever the shell says: with the portal's settings this server would need a database.
raw_env = ["DJANGO_SETTINGS_MODULE=contactcenter.decide_settings"]
worker_class = "gthread"
workers = int(os.environ.get("DECIDE_WORKERS", "1"))
threads = int(os.environ.get("DECIDE_THREADS", "32"))
# Each worker has a queue of connections of its own; a socket that systemd holds (`fd://3`) is one for all of them.
reuse_port = not bind.startswith("fd://")
if not reuse_port:
    os.environ.pop("LISTEN_FDS", None)  # gunicorn would take the same socket twice
backlog = 2048
keepalive = 75  # longer than a proxy keeps its side open, so that it never writes into a closed connection
timeout = 30
graceful_timeout = 10
control_socket_disable = True
accesslog = None  # a decision is its own record

worker_metrics.take_folder()


def on_starting(_server: Any) -> None:
    worker_metrics.begin_anew()


def post_worker_init(_worker: Any) -> None:
    """All that calls need is there before the first comes in; after the fork, as threads do not survive one."""
    from contactcenter import decide_urls  # noqa: F401 - Django is set up only now, and would load views on a call
    from routing.plane import plane

    plane()
    rolling_reload.loaded()


def on_reload(server: Any) -> None:
    """SIGHUP: callers are answered by the former workers until the new ones can."""
    rolling_reload.start_successors(server)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Rows that wait in memory are written before an orderly end."""
    from routing.plane import end

    end()


def child_exit(server: Any, worker: Any) -> None:
    """However a worker has ended, it leaves no gauge behind, and what it could not write is counted."""
    if lost := worker_metrics.bury(worker.pid):
        server.log.error("rows_lost: %d waited in the memory of worker %d", lost, worker.pid)


def on_exit(_server: Any) -> None:
    worker_metrics.leave_folder()
