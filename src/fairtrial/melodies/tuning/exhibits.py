"""What the page of optimisers of songs shows: their progress, and what one can hear of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.core.text import list_text
from fairtrial.evidence.exhibits import Clip, exhibit
from fairtrial.evidence.figures import colour, learning_curves
from fairtrial.evidence.style import MUTED
from fairtrial.melodies.parameters.song_tuners import SongSearch
from fairtrial.melodies.piano_roll import Cell, Roll, roll_to_cells
from fairtrial.melodies.songs.exhibits import draw_song
from fairtrial.melodies.songs.files import song_sound
from fairtrial.melodies.sound import as_mp3
from fairtrial.melodies.tuning.scoring import PROBE, choose_tunes


def progress_exhibit(outputs: Sequence[Arrays], wanted: SongSearch) -> Files:
    """The best value so far by evaluations, of every arm and block."""
    table = pd.concat(
        [
            pd.DataFrame(
                {
                    "arm": output.description["arm"],
                    "block": block,
                    "evaluations": output["steps"],
                    "fitness": output[f"{block}__best"],
                }
            )
            for output in outputs
            for block in output.description["blocks"]
        ],
        ignore_index=True,
    ).dropna()
    figure = learning_curves(
        table, "evaluations", ["fitness"], "candidates judged for each bar", log=False
    )
    return exhibit(
        "Progress of the searches",
        "Mean fitness of the bars of a song, the best so far, against the candidates judged for "
        f"each bar, of {wanted.evaluations:,}: thin lines are blocks, each over chords of its own, "
        "the thick one is their mean.",
        figure,
        table,
    )


def songs_exhibit(outputs: Sequence[Arrays], pool: Roll, wanted: SongSearch) -> Files:
    """The first block's song of every arm, after the best whole bars of the tunes."""
    block = outputs[0].description["blocks"][0]
    song = wanted.song_of(block)
    whole, value = choose_tunes(pool, wanted, block)
    told = [(PROBE, whole, value, MUTED)]
    for output in outputs:
        if block in output.description["blocks"]:
            reached = float(output[f"{block}__best"][-1])
            bars = np.asarray(output[f"{block}__bars"])
            told.append((output.description["arm"], bars, reached, colour(len(told) - 1)))
    clips = [
        Clip(
            name,
            f"Fitness {value:.3f}.",
            as_mp3(song_sound(bars, song)),
            draw_song(bars, song, ink),
        )
        for name, bars, value, ink in told
    ]
    rows = [
        {"arm": name, "bar": bar, **cell._asdict()}
        for name, bars, _, _ in told
        for bar, roll in enumerate(bars)
        for cell in roll_to_cells(roll)
    ]
    return exhibit(
        "What they found",
        f"The song of {block.replace('_', ' ')}, over {list_text(song.chords)}, from every arm; it "
        f"is the first, and not chosen. {PROBE.replace('_', ' ')} has the fittest whole bars "
        "of the tunes, without any search. The evolution puts no bar into a song twice, for which "
        "its song may be a little less fit than the bars it found.",
        data=pd.DataFrame(rows, columns=["arm", "bar", *Cell._fields]),
        clips=clips,
    )
