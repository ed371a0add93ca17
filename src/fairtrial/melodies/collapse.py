"""Collapse: a generator that writes the same bar again and again, to the cell or nearly so.

A collapsed run is counted and told, never dropped: it is a result of its arm.
"""

from __future__ import annotations

from fairtrial.melodies.piano_roll import SILENT, Roll
from fairtrial.melodies.varying.augment import count_duplicates

# Real tunes reach 0.2 and more by repeating themselves; a collapsed run of 100 bars 0.01.
DISTINCT_BELOW = 0.05
# Real tunes lie near 0.9, runs that were trained little above 0.2.
VARIETY_BELOW = 0.1

COLLAPSE_RULE = (
    f"A run counts as collapsed if less than {DISTINCT_BELOW:.0%} of its bars equal no earlier "
    "one, or if a cell that sounds in one of them is silent in another with a chance below "
    f"{VARIETY_BELOW:.0%}."
)


def distinct_share(bars: Roll) -> float:
    """Share of bars uint8 (n, 48, 64), n >= 1, that equal no earlier one."""
    return 1 - count_duplicates(bars) / len(bars)


def variety(bars: Roll) -> float:
    """Chance that a cell that sounds in one bar is silent in another, drawn with repetition.

    Near 0 where all bars are nearly the same one, though each differ in some cells; 0 also where
    all are silent.

    Args:
        bars: uint8 (n, 48, 64), n >= 1.
    """
    shares = (bars > SILENT).mean(axis=0)  # (48, 64), of the bars in which a cell sounds
    sounding = float(shares.sum())
    return 1 - float((shares**2).sum()) / sounding if sounding else 0.0


def tell_collapse(bars: Roll) -> str:
    """What shows that a run's bars have collapsed; empty where they have not.

    Args:
        bars: uint8 (n, 48, 64), n >= 1.
    """
    distinct, varied = distinct_share(bars), variety(bars)
    if distinct < DISTINCT_BELOW:
        return f"collapsed: {distinct:.1%} of its bars differ"
    if varied < VARIETY_BELOW:
        return f"collapsed: its bars differ in {varied:.1%} of the cells that sound"
    return ""
