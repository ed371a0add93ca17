"""A rating round: clips without names, in an order that favours no arm, and the key to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairtrial.core.hashing import sha256_json
from fairtrial.melodies.parameters import Rating
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.remembered import FLOOR
from fairtrial.melodies.sound import render_bars


@dataclass(frozen=True)
class Round:
    """What raters hear, and what they must not know.

    Args:
        number: names the round, on its page, in its key and in every rating.
        sounds: clip -> MP3 file, in the order of the page.
        key: one row a clip: round, clip, arm, run, bars (their places, of the run's bars or of the
            real ones), highest (rating), synthetic.
    """

    number: str
    sounds: dict[str, bytes]
    key: pd.DataFrame


def draw_round(
    runs: Mapping[str, Mapping[str, Roll]],
    real: Roll,
    parameters: Rating,
    tempo_bpm: float,
    generator: np.random.Generator,
    *,
    synthetic: bool,
) -> Round:
    """Draw the clips of a round.

    Every bar is heard over the root C, real ones too, and real bars are drawn one by one in the
    form that a GAN can write: what differs between clips is the bars, not how they are put
    together. The page goes through the arms again and again, each time in another order, so that
    growing tired or strict meets all arms alike.

    Args:
        runs: arm -> run -> its bars, uint8 (n, 48, 64); an arm without a run gets no clips.
        real: bars nobody trained on, where there are any, uint8 (m, 48, 64); their arm is called
            real_bars.
        parameters: number and length of the clips.
        tempo_bpm: at which they are played.
        generator: draws bars and order.
        synthetic: whether the study runs on embedded samples.
    """
    sources = {arm: dict(bars) for arm, bars in runs.items() if bars}
    sources[FLOOR] = {"": as_generated(real)}
    drawn = {
        arm: _draw_clips(bars, parameters, generator) for arm, bars in sources.items()
    }  # arm -> (run, places) a clip
    rows: list[tuple[str, str, str, str]] = []
    sounds: dict[str, bytes] = {}
    for turn in range(parameters.clips):
        for arm in generator.permutation(list(sources)):
            run, places = drawn[arm][turn]
            clip = f"clip_{len(rows) + 1:02d}"
            bars = sources[arm][run][places]
            sounds[clip] = render_bars(bars, [0] * len(bars), tempo_bpm)
            rows.append((clip, str(arm), run, " ".join(map(str, places))))
    number = sha256_json(rows)[:10]
    key = pd.DataFrame(rows, columns=["clip", "arm", "run", "bars"])
    key.insert(0, "round", number)
    return Round(number, sounds, key.assign(highest=parameters.highest, synthetic=synthetic))


def _draw_clips(
    runs: Mapping[str, Roll], parameters: Rating, generator: np.random.Generator
) -> list[tuple[str, np.ndarray]]:
    """Run and places of its bars for each clip; runs take turns, each with its next bars."""
    order = [str(name) for name in generator.permutation(list(runs))]
    shuffled = {name: generator.permutation(len(bars)) for name, bars in runs.items()}
    clips = []
    for turn in range(parameters.clips):
        name = order[turn % len(order)]
        first = (turn // len(order)) * parameters.bars
        places = np.arange(first, first + parameters.bars) % len(shuffled[name])
        clips.append((name, shuffled[name][places]))
    return clips
