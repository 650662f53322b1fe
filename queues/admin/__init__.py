"""Queues, their hours and systems, and the switches, as a supervisor edits them."""

from queues.admin import calendars, managers, queues, states, switches, systems, uses

__all__ = ["calendars", "managers", "queues", "states", "switches", "systems", "uses"]
