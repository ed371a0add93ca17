"""Searches of our own, all seeds of a run in lock-step."""
