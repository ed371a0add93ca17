"""A constraint as compiled: its name, unit and limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A constraint low <= value <= high; an equality where low == high; infinite where open."""

    name: str
    unit: str
    low: float
    high: float

    @property
    def equality(self) -> bool:
        """Whether there is one value that keeps it."""
        return self.low == self.high
