"""Checked tables become columns: the enterprise, its schedule and its calendars."""
