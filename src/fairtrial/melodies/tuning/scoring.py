"""Songs that optimisers found, as rows of scores and ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters.song_tuners import METRIC, SongSearch
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.bits import Bits, pack_bars
from fairtrial.melodies.songs.evolution import Goal
from fairtrial.melodies.songs.harmony import read_harmony

PROBE = "best_tunes"


def choose_tunes(pool: Roll, wanted: SongSearch, block: str) -> tuple[Roll, float]:
    """The song of a block from whole bars of the tunes, the best there is for each of its bars.

    Returns:
        uint8 (bars, 48, 64) and its mean value.
    """
    song = wanted.song_of(block)
    goal = Goal(read_harmony(song), song.given)
    bits: Bits = np.broadcast_to(pack_bars(pool), (song.bars, len(pool), 2, pool.shape[2]))
    values = goal.judge(bits, np.arange(song.bars))
    return pool[values.argmax(axis=1)], float(values.max(axis=1).mean())


def score_rows(
    outputs: Sequence[Arrays], pool: Roll, wanted: SongSearch, shared: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Rows of scores: the fitness of every song, and of the best whole bars of the tunes.

    Args:
        outputs: of every arm and chunk, as `fairtrial.melodies.tuning.search` gives them.
        pool: bars of the tunes, uint8 (n, 48, 64).
        wanted: the songs.
        shared: cells that all rows share.
    """
    same = {**shared, "metric": METRIC, "higher_is_better": True, "budget_unit": "evaluations"}
    blocks: dict[str, int] = {}
    for output in outputs:
        for block in output.description["blocks"]:
            best = output[f"{block}__best"]
            blocks[block] = len(output[f"{block}__bars"])
            yield {
                **same,
                "arm": output.description["arm"],
                "block": block,
                "value": float(best[-1]),
                "n_items": blocks[block],
                "budget": wanted.evaluations,
            }
    for block, bars in blocks.items():
        yield {
            **same,
            "arm": PROBE,
            "role": "probe",
            "block": block,
            "value": choose_tunes(pool, wanted, block)[1],
            "n_items": bars,
            "budget": len(pool),
        }


def ledger_rows(histories: Sequence[pd.DataFrame], study: str) -> list[dict[str, Any]]:
    """Rows of the ledger: evaluations that were really spent on each bar, and seconds."""
    return [
        {
            "study": study,
            "arm": row.arm,
            "block": row.block,
            "budget": row.evaluations,
            "budget_unit": "evaluations",
            "seconds": row.seconds,
            "device": "cpu",
            "threads": 1,
        }
        for history in histories
        for row in history.itertuples(index=False)
    ]
