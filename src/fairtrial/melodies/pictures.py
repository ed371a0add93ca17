"""What the page of a melody study shows: bars as piano rolls, losses, and how bars compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.colors import ListedColormap
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.melodies.descriptors import NAMES, describe
from fairtrial.melodies.parameters import Augment, Train
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    ROWS,
    Cell,
    Roll,
    as_generated,
    roll_to_cells,
    row_to_pitch,
)
from fairtrial.melodies.scoring.judge import COLLAPSED_BELOW, distinct_share, find_unseen
from fairtrial.melodies.varying.augment import apply_strategy

_NOTE_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_TITLES = {
    "time_change": "time change",
    "fifth_addition": "fifth addition",
    "octave_change": "octave change",
}
_SHOWN_DESCRIPTORS = {
    "density": "density",
    "pitch_range": "range",
    "scale_consistency": "in scale",
    "onsets_on_beats": "on beats",
    "polyphony": "polyphony",
}
_BARS_SHOWN = 4
_MOST_RECTANGLES = 200


def draw_bar(
    axes: Any, roll: Roll, colour: str, accents: set[Cell] | None = None, labels: bool = False
) -> None:
    """Draw one bar as rectangles, an onset each; rows are labelled from the chord root.

    Args:
        axes: of matplotlib.
        roll: uint8 (48, 64).
        colour: of the notes.
        accents: notes drawn in the accent colour.
        labels: whether the axes carry labels.
    """
    cells = roll_to_cells(roll)
    if len(cells) <= _MOST_RECTANGLES:
        corners = [
            [(c, r - 0.5), (c + n, r - 0.5), (c + n, r + 0.5), (c, r + 0.5)] for r, c, n, _ in cells
        ]
        faces = [COLOURS[1] if accents and cell in accents else colour for cell in cells]
        notes = PolyCollection(corners, facecolors=faces, edgecolors="white", linewidths=0.5)
        axes.add_collection(notes)
    else:  # an untrained generator's noise
        palette = ListedColormap(["white", colour])
        extent = (0, COLUMNS, -0.5, ROWS - 0.5)
        axes.imshow(roll > 0, palette, aspect="auto", origin="lower", extent=extent)
    axes.set_xlim(0, COLUMNS)
    axes.set_ylim(-0.5, ROWS - 0.5)
    axes.set_xticks(range(0, COLUMNS + 1, COLUMNS_PER_QUARTER))
    axes.set_yticks(range(0, ROWS, 12))
    axes.set_xticklabels(["1", "2", "3", "4", ""] if labels else [])
    axes.set_yticklabels(range(0, ROWS, 12) if labels else [])
    axes.grid(visible=True)
    axes.tick_params(length=0)


def augmentation_exhibit(
    rolls: Roll, roots: np.ndarray, parameters: Augment, generator: np.random.Generator
) -> Files:
    """A bar as it was played and scaled to its chord, and each strategy before and after.

    Args:
        rolls: training bars, uint8 (n, 48, 64).
        roots: their chord roots, 0..11.
        parameters: of the augmentation.
        generator: draws what the strategies draw.
    """
    strategies = list(dict.fromkeys(step.strategy for step in parameters.steps))
    figure, axes = new_figure(7.2, 1.9 * (len(strategies) + 1), len(strategies) + 1, 2)
    # A bar of a few notes over another chord than C shows most.
    counts = np.array([len(roll_to_cells(roll)) for roll in rolls])
    fit = np.abs(counts - 6) + 10 * (roots == 0)
    chosen = int(np.argmin(fit))
    _draw_played(axes[0, 0], rolls[chosen], int(roots[chosen]))
    draw_bar(axes[0, 1], rolls[chosen], COLOURS[0], labels=True)
    axes[0, 1].set_title(f"scaled to its chord, {_NOTE_NAMES[roots[chosen]]}")
    axes[0, 1].set_ylabel("semitones")
    rows = []
    candidates = rolls[np.argsort(np.abs(counts - 6), kind="stable")[:50]]
    for line, strategy in enumerate(strategies, start=1):
        copies = apply_strategy(strategy, candidates, generator, parameters)
        changed = np.flatnonzero((copies != candidates).any(axis=(1, 2)))
        index = int(changed[0]) if len(changed) else 0
        before, after = candidates[index], copies[index]
        old, new = set(roll_to_cells(before)), set(roll_to_cells(after))
        draw_bar(axes[line, 0], before, COLOURS[0], old - new, labels=True)
        draw_bar(axes[line, 1], after, COLOURS[0], new - old, labels=True)
        axes[line, 0].set_title(f"{_TITLES[strategy]}: before")
        axes[line, 1].set_title(f"{_TITLES[strategy]}: after")
        axes[line, 0].set_ylabel("semitones")
        for state, cells in (("before", old), ("after", new)):
            rows += [{"strategy": strategy, "bar": state, **cell._asdict()} for cell in cells]
    for column in (0, 1):
        axes[-1, column].set_xlabel("beat")
    data = pd.DataFrame(rows).sort_values(["strategy", "bar", "column", "row"])
    return exhibit(
        "Augmentations",
        "Above: a bar as it was played, and scaled to its chord, row 24 being the chord's root in "
        "the octave of middle C. Below: each augmentation before and after; what it changed is in "
        "the second colour.",
        figure,
        data,
    )


def _draw_played(axes: Any, roll: Roll, root: int) -> None:
    draw_bar(axes, roll, MUTED, labels=True)
    axes.set_yticks([row for row in range(ROWS) if row_to_pitch(row, root) % 12 == 0])
    axes.set_yticklabels(
        [f"C{row_to_pitch(row, root) // 12 - 1}" for row in axes.get_yticks().astype(int)]
    )
    axes.set_title("as played")
    axes.set_ylabel("pitch")


def bars_exhibit(real: Roll, generated: Mapping[str, Roll]) -> Files:
    """Some real bars above some of each arm's.

    Args:
        real: bars, uint8 (n, 48, 64).
        generated: arm -> bars of one of its runs; empty where all of them diverged.
    """
    figure, axes = new_figure(7.2, 1.35 * (len(generated) + 1), len(generated) + 1, _BARS_SHOWN)
    # Spread over the songs, whose bars stand side by side.
    real = real[np.linspace(0, len(real) - 1, min(_BARS_SHOWN, len(real))).astype(int)]
    rows = []
    for line, (name, bars) in enumerate({"real": real, **generated}.items()):
        colour = INK if name == "real" else COLOURS[(line - 1) % len(COLOURS)]
        for column in range(_BARS_SHOWN):
            panel = axes[line, column]
            if column >= len(bars):
                panel.set_axis_off()
                continue
            draw_bar(panel, bars[column], colour)
            rows += [
                {"bars": name, "bar": column, **cell._asdict()}
                for cell in roll_to_cells(bars[column])
            ]
        axes[line, 0].set_title(name, loc="left")
    return exhibit(
        "Bars, real and generated",
        "Real bars in the first line, then the first bars that one run of each arm wrote, not "
        "chosen. A column is a beat, a line an octave.",
        figure,
        pd.DataFrame(rows, columns=["bars", "bar", *Cell._fields]),
    )


def losses_exhibit(histories: Mapping[str, Sequence[pd.DataFrame]], parameters: Train) -> Files:
    """Losses of both networks over updates: every run thin, the arm's mean thick.

    Args:
        histories: arm -> tables with block, update, generator_loss, discriminator_loss.
        parameters: of the training, told in the caption.
    """
    figure, axes = new_figure(7.2, 3.2, 1, 2)
    parts = []
    for index, (arm, tables) in enumerate(histories.items()):
        table = pd.concat(tables, ignore_index=True)
        colour = COLOURS[index % len(COLOURS)]
        for panel, measure in zip(axes[0], ("generator_loss", "discriminator_loss"), strict=True):
            for _, run in table.groupby("block"):
                panel.plot(run["update"], run[measure], color=colour, alpha=0.25, linewidth=0.6)
            mean = table.groupby("update")[measure].mean()
            panel.plot(mean.index, mean, color=colour, label=arm)
        parts.append(table.assign(arm=arm))
    for panel, title in zip(axes[0], ("generator", "discriminator"), strict=True):
        panel.set_xscale("log")
        # The house style reads no formulas, in which powers of ten are written otherwise.
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_title(title)
        panel.set_xlabel("update")
    axes[0, 0].set_ylabel("loss (nats)")
    handles, labels = axes[0, 1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    data = pd.concat(parts, ignore_index=True)
    columns = ["arm", "block", "update", "generator_loss", "discriminator_loss", "status"]
    return exhibit(
        "Losses",
        "Losses of both networks over their updates (logarithmic): thin lines are runs, thick "
        "ones an arm's mean. Where lines end at different updates, arms were given unequal work. "
        f"Trained: {parameters.epochs} epochs in batches of {parameters.batch_size}, channels "
        f"{parameters.width:g} of the paper's. The paper: 60 epochs, 50, 1.",
        figure,
        data[columns],
    )


def quality_exhibit(
    real: Roll,
    train: Roll,
    generated: Mapping[str, Sequence[Roll]],
    scores: pd.DataFrame,
    metric: str,
) -> Files:
    """Distance, failures and some descriptors of every arm beside those of real bars.

    Args:
        real: the held-out bars, uint8 (n, 48, 64); where none are, the training bars.
        train: the training bars, uint8 (m, 48, 64).
        generated: arm -> the bars of each run that did not diverge.
        scores: of the study, its floor among them where bars are held out.
        metric: the primary one.
    """
    if "paper" in set(scores["protocol"]):
        compared = (
            "from the first N bars of the arm's own training set, as the paper has it: arms are "
            "compared with different bars, and a smaller N alone makes a distance larger. Real "
            "bars have none, because no others are left to compare them with."
        )
    else:
        seen = int((~find_unseen(real, train)).sum())
        compared = (
            "from held-out bars; for real bars that of training bars from held-out ones, which no "
            f"arm can be expected to beat. {seen} of {len(real)} held-out bars "
            f"({seen / len(real):.0%}) also stand, note for note, in the training songs"
            + (
                "; the distance to unseen bars leaves them out, and its smaller N alone moves its "
                "level. The verdict takes all held-out bars."
                if "unseen" in set(scores["subset"])
                else "."
            )
        )
    rows = [_quality_row("real bars", [as_generated(real)], scores, "real_bars", metric)]
    for arm, runs in generated.items():
        rows.append(_quality_row(arm, runs, scores, arm, metric))
    return exhibit(
        "How the bars compare",
        f"Distance: mean {metric} over runs, N bars a side, {compared} Distinct: share of a run's "
        f"bars that equal no earlier one; below {COLLAPSED_BELOW:.0%} a run counts as collapsed. "
        "The other columns are means of descriptors in 0 to 1.",
        data=pd.DataFrame(rows),
        table=True,
    )


def _quality_row(
    label: str, runs: Sequence[Roll], scores: pd.DataFrame, arm: str, metric: str
) -> dict[str, Any]:
    both = scores[(scores["arm"] == arm) & (scores["metric"] == metric)]
    mine = both[both["subset"] == "all"]
    items = mine["n_items"].dropna()
    shares = [distinct_share(run) for run in runs]
    row: dict[str, Any] = {
        "bars": label,
        "N": int(items.min()) if len(items) else None,
        "distance": _mean_value(mine),
        "distinct": round(float(np.mean(shares)), 2) if shares else None,
        "collapsed": sum(share < COLLAPSED_BELOW for share in shares),
        "diverged": int((mine["status"] == "diverged").sum()),
    }
    if "unseen" in set(scores["subset"]):
        row["to unseen"] = _mean_value(both[both["subset"] == "unseen"])
    features = np.concatenate([describe(run) for run in runs]) if runs else None
    for name, heading in _SHOWN_DESCRIPTORS.items():
        value = None if features is None else float(features[:, NAMES.index(name)].mean())
        row[heading] = None if value is None else round(value, 2)
    return row


def _mean_value(rows: pd.DataFrame) -> float | None:
    values = rows.loc[rows["status"] == "ok", "value"].astype(float)
    return round(float(values.mean()), 3) if len(values) else None
