"""The portal's WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
application = get_wsgi_application()

from contactcenter import urls  # noqa: E402, F401 - with all pages: the first visitor does not wait for them
from contactcenter.celery import app  # noqa: E402 - needs the settings above

# A supervisor's page does not wait for a broker that says nothing; a worker does (see settings).
app.conf.broker_transport_options |= {"socket_timeout": 1, "max_retries": 0}
