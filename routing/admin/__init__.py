"""The routing pages of the portal: a module a page."""

from routing.admin import accounts, decisions, flows, messaging, messaging_out, numbers, releases, reports  # noqa: F401
