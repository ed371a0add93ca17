"""When a training that no longer gets better on validation items ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Ends a training after ``looks`` looks at the validation items without a new least loss.

    It reads the history alone, so that a resumed training ends where an unbroken one does.
    """

    looks: int

    def __call__(self, history: Sequence[Mapping[str, float]]) -> bool:
        """Whether the training ends after the last update of ``history``."""
        if not history or "valid_loss" not in history[-1]:
            return False
        losses = [row["valid_loss"] for row in history if "valid_loss" in row]
        return len(losses) - 1 - losses.index(min(losses)) >= self.looks
