"""What a trial is expected to cost, before any has run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Forecast:
    """The expected cost of one trial of an arm.

    Args:
        seconds: of one process, from a rehearsal of a small part of it on this machine.
        bytes: that its results take on the disk.
    """

    seconds: float
    bytes: float
