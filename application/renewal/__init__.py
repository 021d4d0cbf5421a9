"""Renewing sessions: one process at a time, once, and before anybody waits for it."""
