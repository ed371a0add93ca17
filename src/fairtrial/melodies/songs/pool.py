"""The bars that a song is made of."""

from __future__ import annotations

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters.songs import TUNES
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.splits import rows_of


def read_tunes(pack: Arrays, manifest: pd.DataFrame, splits: pd.DataFrame) -> Roll:
    """The training bars of a study that are not silent, uint8 (n, 48, 64).

    Raises:
        DataError: they are fewer than two.
    """
    return keep_sounding(pack["rolls"][rows_of(manifest, splits, "train")], TUNES)


def keep_sounding(rolls: Roll, source: str) -> Roll:
    """The bars that are not silent.

    Raises:
        DataError: they are fewer than two.
    """
    sounding = rolls[rolls.any(axis=(1, 2))]
    if len(sounding) < 2:
        raise DataError(
            f"optimize.source: {source}",
            "two bars or more that are not silent",
            f"{len(sounding)} of {len(rolls)}",
            "Set optimize.source to tunes or to another arm, or train longer.",
        )
    return sounding
