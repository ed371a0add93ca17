"""How scores become a verdict."""

from __future__ import annotations

from fairtrial.statistics.parameters import VerdictParameters


class Evaluate(VerdictParameters):
    """How scores become a verdict."""
