"""Bars before and after each augmentation, as the paper's Figures 3 to 6 show them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fairtrial.core.records import Files
from fairtrial.core.text import list_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, MUTED, new_figure
from fairtrial.melodies.exhibits.rolls import draw_rolls, shown_octaves
from fairtrial.melodies.parameters import Augment, Step
from fairtrial.melodies.piano_roll import LOWEST_PITCH, Cell, Roll, roll_to_cells
from fairtrial.melodies.reading.chords import ROOT_NAMES
from fairtrial.melodies.varying import STRATEGIES
from fairtrial.melodies.varying.augment import vary

# A bar of about so many notes, over another chord than C, shows most.
_BEST_NOTES = 6
_CANDIDATES = 50


def augmentation_exhibit(
    rolls: Roll, roots: np.ndarray, parameters: Augment, generator: np.random.Generator
) -> Files:
    """A bar as it was played and scaled to its chord, and each strategy's work on such a bar.

    Args:
        rolls: training bars, uint8 (n, 48, 64).
        roots: their chord roots, 0..11.
        parameters: of the augmentation.
        generator: draws what the strategies draw.
    """
    steps = {step.strategy: step for step in parameters.steps}
    unused = [name for name in STRATEGIES.names() if name not in steps]
    steps |= {name: Step(strategy=name, factor=1) for name in unused}
    counts = np.array([len(roll_to_cells(roll)) for roll in rolls])
    order = np.argsort(np.abs(counts - _BEST_NOTES) + 10 * (roots == 0), kind="stable")
    candidates = rolls[order[:_CANDIDATES]]
    shown = {}
    for name, step in steps.items():
        copies = vary(step, candidates, generator)
        changed = np.flatnonzero((copies != candidates).any(axis=(1, 2)))
        index = int(changed[0]) if len(changed) else 0
        shown[name] = candidates[index], copies[index]
    octaves = shown_octaves(
        np.stack([candidates[0], *(roll for pair in shown.values() for roll in pair)])
    )
    figure, axes = new_figure(7.2, 1.7 * (len(steps) + 1), len(steps) + 1, 2)
    _draw_scaling(axes[0], candidates[0], int(roots[order[0]]), octaves)
    rows: list[dict[str, Any]] = []
    for line, (name, (before, after)) in zip(axes[1:], shown.items(), strict=True):
        rows += _draw_step(line, name, before, after, octaves)
    for panel in axes[-1]:
        panel.set_xlabel("beat")
    return exhibit(
        "Augmentations",
        "Above: a bar as it was played, and scaled to its chord: 24 is the chord's root in the "
        "octave of middle C, each line an octave. Below: an original bar of the training songs "
        "and a copy by each augmentation; what differs is in the second colour."
        f"{_without(unused)}",
        figure,
        pd.DataFrame(rows).sort_values(["strategy", "bar", "column", "row"]),
    )


def _without(unused: list[str]) -> str:
    """A sentence on the augmentations that are drawn but not used."""
    names = list_text([name.replace("_", " ") for name in unused])
    return f" This study does without {names}." if unused else ""


def _draw_scaling(panels: np.ndarray, roll: Roll, root: int, octaves: tuple[int, int]) -> None:
    """Paper, Figure 3: the piano roll, and the scaled piano roll."""
    played, scaled = panels
    _draw(played, roll, MUTED, octaves, "as played")
    # Rows are drawn where they are, so the lines of Cs move instead of the notes.
    lines = [row for row in range(12 * octaves[0], 12 * octaves[1]) if (row + root) % 12 == 0]
    names = [f"C{(row + root + LOWEST_PITCH) // 12 - 1}" for row in lines]
    played.set_yticks(lines, names)
    played.set_ylabel("pitch")
    _draw(scaled, roll, COLOURS[0], octaves, f"scaled to its chord, {ROOT_NAMES[root]}")
    scaled.set_ylabel("semitones")


def _draw_step(
    panels: np.ndarray, strategy: str, before: Roll, after: Roll, octaves: tuple[int, int]
) -> list[dict[str, Any]]:
    """Paper, Figures 4 to 6: the original bar beside its copy. Returns their notes as rows."""
    old, new = set(roll_to_cells(before)), set(roll_to_cells(after))
    name = strategy.replace("_", " ")
    _draw(panels[0], before, COLOURS[0], octaves, "original", old - new)
    _draw(panels[1], after, COLOURS[0], octaves, name, new - old)
    panels[0].set_ylabel("semitones")
    return [
        {"strategy": strategy, "bar": state, **cell._asdict()}
        for state, cells in (("before", old), ("after", new))
        for cell in cells
    ]


def _draw(
    axes: Axes,
    roll: Roll,
    colour: str,
    octaves: tuple[int, int],
    title: str,
    accents: set[Cell] | None = None,
) -> None:
    draw_rolls(axes, roll[None], colour, accents or (), octaves)
    axes.set_xticks(axes.get_xticks(), ["1", "2", "3", "4", ""])
    axes.set_title(title)
