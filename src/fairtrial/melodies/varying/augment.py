"""The augmentation: strategies one after the other, each making the set some times larger.

A strategy of factor k makes n (k + 1) bars of n: the bars so far, bit for bit, then k varied copies
of each.

Source: Bitaraes, Guimaraes, Coelho, section 4.3. Its programme alters the originals in place.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any, Protocol

import numpy as np

from fairtrial.core.errors import DataError
from fairtrial.core.seeds import stream
from fairtrial.melodies.parameters import Step
from fairtrial.melodies.piano_roll import COLUMNS, ONSET, ROWS, Roll
from fairtrial.melodies.varying import STRATEGIES

LOG = logging.getLogger(__name__)


class Strategy(Protocol):
    """Varies each bar of a batch once; a pure function.

    What becomes of a bar depends on its place in the batch and on itself, never on the bars beside
    it: every bar gets the same number of draws.
    """

    def __call__(self, rolls: Roll, generator: np.random.Generator, settings: Any) -> Roll:
        """New rolls, uint8 (n, 48, 64) of 0, 1 and 2, from ``rolls`` of the same shape."""
        ...


def vary(step: Step, rolls: Roll, generator: np.random.Generator) -> Roll:
    """One varied copy of each bar by the strategy of a step.

    Args:
        step: strategy and settings.
        rolls: uint8 (n, 48, 64).
        generator: draws everything.

    Raises:
        DataError: a strategy of a user's gives something else than as many rolls.
    """
    kept = rolls.view()
    kept.flags.writeable = False  # a strategy that alters its input is told so by numpy
    strategy: Strategy = STRATEGIES.load(step.strategy)
    varied = strategy(kept, generator, step.settings)
    if varied.shape != rolls.shape or varied.dtype != rolls.dtype or varied.max(initial=0) > ONSET:
        raise DataError(
            f"strategy {step.strategy}",
            f"rolls of 0, 1 and 2, {rolls.dtype} {rolls.shape}",
            f"{varied.dtype} {varied.shape}, at most {varied.max(initial=0)}",
            f"Correct the plug-in that offers {step.strategy}.",
        )
    return varied


def augment_bars(
    rolls: Roll, steps: Sequence[Step], seed: int
) -> tuple[Roll, list[dict[str, Any]]]:
    """The augmented set: the originals first, bit for bit, then what each step adds.

    A step draws from a stream of its own, so that leaving out another one moves it as little as
    can be.

    Args:
        rolls: uint8 (n, 48, 64).
        steps: in order.
        seed: of a named stream.

    Returns:
        uint8 (n * growth, 48, 64), and of each step: strategy, factor, advised_factor, bars (in the
        set after it), added, unchanged (added bars that equal the one that they vary), duplicates
        (added bars that equal any earlier one).
    """
    size = len(rolls)
    bars = np.empty((size * prod(step.growth for step in steps), *rolls.shape[1:]), rolls.dtype)
    bars[:size] = rolls
    told: list[dict[str, Any]] = []
    turns: Counter[str] = Counter()
    for step in steps:
        generator = stream(seed, step.strategy, turns[step.strategy])
        turns[step.strategy] += 1
        before, unchanged = bars[:size], 0
        for copy in range(1, step.growth):
            varied = vary(step, before, generator)
            unchanged += int((_words(varied) == _words(before)).all(axis=1).sum())
            bars[copy * size : (copy + 1) * size] = varied
        told.append(_tell(step, size, unchanged))
        size *= step.growth
    repeats = is_repeat(bars)
    for entry in told:
        added = repeats[entry["bars"] - entry["added"] : entry["bars"]]
        entry["duplicates"] = int(added.sum())
    return bars, told


def _tell(step: Step, size: int, unchanged: int) -> dict[str, Any]:
    """What a step did to a set of ``size`` bars, with a warning where it goes too far."""
    advised = step.settings.advised_factor
    if advised is not None and step.factor > advised:
        LOG.warning(
            "augment.steps: a factor of %d for %s passes the %d that the paper advises",
            step.factor,
            step.strategy,
            advised,
        )
    return {
        "strategy": step.strategy,
        "factor": step.factor,
        "advised_factor": advised,
        "bars": size * step.growth,
        "added": size * step.factor,
        "unchanged": unchanged,
    }


def _words(rolls: Roll) -> np.ndarray:
    """Bars as uint64 (n, 384), which compare eight cells at once."""
    return rolls.reshape(len(rolls), ROWS * COLUMNS).view(np.uint64)


def replicate_bars(rolls: Roll, size: int) -> Roll:
    """The bars in turn, again and again, up to exactly ``size`` of them."""
    return rolls[np.arange(size) % len(rolls)]


def is_repeat(rolls: Roll) -> np.ndarray:
    """Which bars equal an earlier one, bool (n,)."""
    seen: set[bytes] = set()
    repeats = np.zeros(len(rolls), bool)
    for place, roll in enumerate(rolls):
        content = roll.tobytes()
        repeats[place] = content in seen
        seen.add(content)
    return repeats


def count_duplicates(rolls: Roll) -> int:
    """How many bars equal an earlier one."""
    return int(is_repeat(rolls).sum())
