"""The paper's augmentation, 55 bars to 3080, on whole batches beside one note after the other.

The plain version is what a careful user writes without arrays: a bar is a list of notes, read once
and drawn once at the end, and a variation copies the list and replaces a single note. Both draw
the same strategies with the same factors, keep the originals, count what did not change and what
stands twice, and end in the same form, uint8 (3080, 48, 64). They are timed in turn on one thread.
Bars are the melody paper's own where FAIRTRIAL_REAL_DATA (../shared/data) has them, else random.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path

import numpy as np

from fairtrial.core.hashing import sha256_bytes
from fairtrial.melodies.parameters import Augment, Ingest
from fairtrial.melodies.piano_roll import COLUMNS, HELD, ONSET, ROWS, Roll, roll_to_cells
from fairtrial.melodies.reading.listing import read_folder
from fairtrial.melodies.varying.augment import augment_bars

DATA = Path(os.environ.get("FAIRTRIAL_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
PAPER = DATA / "midi" / "bitaraes" / "paper_2022_01"
FILES = ("part_X_manual_2_C.mid", "part_X_manual_3_C.mid")
ROUNDS = 15
GRID, INTERVAL, OCTAVE = 8, 5, 12

# Row, first column, column after the last, whether it begins here.
Note = tuple[int, int, int, bool]
Bar = list[Note]


def change_time(bar: Bar, rng: random.Random) -> Bar:
    """One note ends at the neighbouring eighth, or where the next note of its row begins."""
    if not bar:
        return bar
    place = rng.randrange(len(bar))
    row, begin, end, onset = bar[place]
    starts = [b for r, b, _, o in bar if r == row and b >= end and o]
    above = min((end // GRID + 1) * GRID, min(starts, default=COLUMNS))
    below = (-(-end // GRID) - 1) * GRID
    options = [above, below] if rng.random() < 0.5 else [below, above]
    for option in options:
        if option > end or begin < option < end:
            return [*bar[:place], (row, begin, option, onset), *bar[place + 1 :]]
    return bar


def add_fifth(bar: Bar, rng: random.Random) -> Bar:
    """A copy of one note five semitones above or below, where nothing sounds yet."""
    if not bar:
        return bar
    row, begin, end, onset = bar[rng.randrange(len(bar))]
    steps = [INTERVAL, -INTERVAL] if rng.random() < 0.5 else [-INTERVAL, INTERVAL]
    for step in steps:
        new = row + step
        free = not any(r == new and b < end and begin < e for r, b, e, _ in bar)
        if 0 <= new < ROWS and free:
            return [*bar, (new, begin, end, onset)]
    return bar


def change_octave(bar: Bar, rng: random.Random) -> Bar:
    """The whole bar twelve semitones up or down."""
    if not bar:
        return bar
    rows = [note[0] for note in bar]
    steps = [OCTAVE, -OCTAVE] if rng.random() < 0.5 else [-OCTAVE, OCTAVE]
    for step in steps:
        if min(rows) + step >= 0 and max(rows) + step < ROWS:
            return [(row + step, begin, end, onset) for row, begin, end, onset in bar]
    return bar


PLAIN = {"time_change": change_time, "fifth_addition": add_fifth, "octave_change": change_octave}


def read_notes(roll: Roll) -> Bar:
    """Notes of a bar."""
    return [(row, column, column + n, begins) for row, column, n, begins in roll_to_cells(roll)]


def draw(bars: list[Bar]) -> Roll:
    """uint8 (n, 48, 64) of bars."""
    rolls = np.zeros((len(bars), ROWS, COLUMNS), np.uint8)
    for roll, bar in zip(rolls, bars, strict=True):
        for row, begin, end, onset in bar:
            line = roll[row]
            line[begin:end] = HELD
            if onset:
                line[begin] = ONSET
    return rolls


def augment_plainly(rolls: Roll, parameters: Augment, rng: random.Random) -> tuple[Roll, int, int]:
    """The augmented set, and how many copies are unchanged and how many bars stand twice."""
    bars = [read_notes(roll) for roll in rolls]
    unchanged = 0
    for step in parameters.steps:
        vary, before = PLAIN[step.strategy], bars
        for _ in range(step.factor):
            copies = [vary(bar, rng) for bar in before]
            unchanged += sum(copy == bar for copy, bar in zip(copies, before, strict=True))
            bars = bars + copies
    distinct = {tuple(sorted(bar)) for bar in bars}
    return draw(bars), unchanged, len(bars) - len(distinct)


def read_bars() -> tuple[Roll, str]:
    """55 bars and what they are."""
    if PAPER.is_dir():
        contents = {name: (PAPER / name).read_bytes() for name in FILES}
        hashes = {name: sha256_bytes(content) for name, content in contents.items()}
        pack = read_folder(hashes, contents.__getitem__, Ingest(root=str(PAPER)), synthetic=False)[
            0
        ]
        return pack["rolls"], "bars of the paper"
    generator = np.random.default_rng(0)
    bars: list[Bar] = []
    for _ in range(55):
        borders = np.sort(generator.choice(np.arange(COLUMNS + 1), 8, replace=False)).tolist()
        rows = generator.integers(12, 36, 7).tolist()
        bars.append(list(zip(rows, borders[:-1], borders[1:], [True] * 7, strict=True)))
    return draw(bars), "random bars of 7 notes"


def main() -> None:
    """Print both times and their ratio."""
    rolls, source = read_bars()
    parameters = Augment()
    seconds: dict[str, list[float]] = {"batches": [], "notes": []}
    for turn in range(ROUNDS + 1):
        started = time.perf_counter()
        ours, told = augment_bars(rolls, parameters.steps, seed=turn)
        middle = time.perf_counter()
        plain, unchanged, twice = augment_plainly(rolls, parameters, random.Random(turn))
        ended = time.perf_counter()
        if turn > 0:  # the first turn warms both up
            seconds["batches"].append(middle - started)
            seconds["notes"].append(ended - middle)
    if ours.shape != plain.shape or not np.array_equal(ours[: len(rolls)], plain[: len(rolls)]):
        raise SystemExit("The two versions disagree on the size or the originals.")
    ratios = [n / b for n, b in zip(seconds["notes"], seconds["batches"], strict=True)]
    print(
        f"{len(rolls)} {source} to {len(ours)}, one thread: batches "
        f"{1000 * statistics.median(seconds['batches']):.1f} ms, note by note "
        f"{1000 * statistics.median(seconds['notes']):.1f} ms: "
        f"{statistics.median(ratios):.1f} times"
    )
    print(
        f"unchanged copies {sum(step['unchanged'] for step in told)} and {unchanged}, bars that "
        f"stand twice {sum(step['duplicates'] for step in told)} and {twice}, in the last draw"
    )


if __name__ == "__main__":
    main()
