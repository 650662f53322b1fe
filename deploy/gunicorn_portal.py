"""gunicorn's settings for the portal: the admin and the portal's API."""

import os

bind = os.environ.get("PORTAL_BIND", f"127.0.0.1:{os.environ.get('PORTAL_PORT', '8000')}")
wsgi_app = "contactcenter.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("PORTAL_WORKERS", "2"))
threads = int(os.environ.get("PORTAL_THREADS", "4"))
timeout = 60
graceful_timeout = 10
control_socket_disable = True
accesslog = None
