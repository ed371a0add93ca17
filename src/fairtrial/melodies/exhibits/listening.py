"""Pieces to hear and to look at: real bars, augmented ones, and those of every arm."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import Clip, exhibit
from fairtrial.evidence.style import COLOURS, INK, new_figure
from fairtrial.melodies.exhibits.pieces import Piece
from fairtrial.melodies.exhibits.rolls import draw_rolls
from fairtrial.melodies.midi_out import Clips, Melody
from fairtrial.melodies.piano_roll import Cell, bars_to_notes, roll_to_cells
from fairtrial.melodies.sound import render_bars


def listening_exhibit(pieces: Sequence[Piece], tempo_bpm: float) -> tuple[Files, Clips]:
    """Players with piano rolls, and the same pieces as MIDI and MP3 files.

    Args:
        pieces: in the order of the page.
        tempo_bpm: at which all of them are played.
    """
    files: Clips = {}
    clips, rows = [], []
    made = [piece.name for piece in pieces if not piece.real]
    for piece in pieces:
        label = piece.name.replace("_", " ") if piece.real else piece.name
        if len(piece.rolls) == 0:
            clips.append(Clip(label, piece.text))
            continue
        colour = INK if piece.real else COLOURS[made.index(piece.name) % len(COLOURS)]
        figure, axes = new_figure(7.2, 1.05)
        draw_rolls(axes, piece.rolls, colour)
        sound = render_bars(piece.rolls, piece.roots, tempo_bpm)
        clips.append(Clip(label, piece.text, sound, figure))
        files[f"{piece.name}.mp3"] = sound
        notes = bars_to_notes(piece.rolls, piece.roots)
        files[f"{piece.name}.mid"] = Melody(tuple(notes), tempo_bpm)
        rows += [
            {"piece": piece.name, "bar": bar, "root": root, **cell._asdict()}
            for bar, (roll, root) in enumerate(zip(piece.rolls, piece.roots, strict=True))
            for cell in roll_to_cells(roll)
        ]
    shown = exhibit(
        "Listen and look",
        "Eight bars each, none of them chosen. Lines across are octaves of the chord's root, "
        f"lines down are beats and bars; {tempo_bpm:.0f} quarters a minute, all set to one "
        "loudness, over a soft root and fifth.",
        data=pd.DataFrame(rows, columns=["piece", "bar", "root", *Cell._fields]),
        clips=clips,
    )
    return shown, files
