"""Round trips of real tunes through rolls and MIDI files, note by note, in all 12 keys.

MIDI -> roll -> MIDI: every tune is moved by -5 to 6 semitones, cut into bars, written as MIDI and
read again. Each note of its melody must come back with its pitch, onset and length on the grid, or
stand in the counts of what was left out; nothing else may come back.
roll -> MIDI -> roll: the bars are written over each of the 12 roots, and come back cell by cell.

    python benchmarks/round_trip.py DATA_ROOT      (the folder that holds midi/nottingham and so on)
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from fairtrial.melodies.midi_out import write_midi
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    HELD,
    ONSET,
    GridNote,
    Roll,
    bars_to_notes,
)
from fairtrial.melodies.reading.bars import Bar, CutSong, cut_song
from fairtrial.melodies.reading.chords import ROOT_NAMES
from fairtrial.melodies.reading.ingest_report import song_entry
from fairtrial.melodies.reading.listing import read_songs
from fairtrial.melodies.reading.midi import read_midi
from fairtrial.melodies.reading.songs import Song

SETS = {
    "nottingham": ("*.mid", Ingest(chord_root=("chord_track", "key"))),
    "openewld": ("midi/*.mid", Ingest(chord_root=("chord_track", "key"))),
    "jsb": ("*.json", Ingest(bar_offset_quarters="remainder")),
}
KEYS = range(-5, 7)


def read_set(root: Path, name: str) -> Iterator[tuple[Song, Ingest]]:
    """Songs of a collection with the parameters that suit it."""
    pattern, ingest = SETS[name]
    for path in sorted((root / name).glob(pattern)):
        for song in read_songs(path.read_bytes(), path.name, ingest):
            yield song, ingest


def runs_of(song: Song, bars: Iterable[Bar]) -> list[tuple[int, list[Roll], list[int]]]:
    """Used bars that follow each other: first column, rolls, roots."""
    runs: list[tuple[int, list[Roll], list[int]]] = []
    for bar in bars:
        if bar.roll is None:
            continue
        column = song.column(bar.tick)
        if not runs or column != runs[-1][0] + len(runs[-1][1]) * COLUMNS:
            runs.append((column, [], []))
        runs[-1][1].append(bar.roll)
        runs[-1][2].append(bar.root)
    return runs


def restore(song: Song, cut: CutSong) -> list[GridNote]:
    """Notes of a song from its bars alone, through a MIDI file."""
    found = []
    for start, rolls, roots in runs_of(song, cut.bars):
        (read,) = read_midi(write_midi(bars_to_notes(rolls, roots), 120.0, "melody"), "run.mid")
        for note in read.notes:
            column, end = read.column(note.start), read.column(note.end)
            found.append(GridNote(note.pitch, start + column, end - column))
    return found


def expected_notes(song: Song, cut: CutSong) -> list[GridNote]:
    """The melody's notes on the grid, straight from their ticks: rounded half up, a column long."""
    notes = []
    for note in song.notes:
        if cut.part.holds(note):
            start, end = (
                (2 * tick * COLUMNS_PER_QUARTER + song.ticks_per_quarter)
                // (2 * song.ticks_per_quarter)
                for tick in (note.start, note.end)
            )
            notes.append(GridNote(note.pitch, start, max(end - start, 1)))
    return notes


def from_midi(song: Song, ingest: Ingest, semitones: int) -> Counter[str]:
    """What became of every note of a song in one key; raises AssertionError for any unexplained."""
    moved = replace(song, notes=tuple(n._replace(pitch=n.pitch + semitones) for n in song.notes))
    cut = cut_song(moved, ingest)
    entry = song_entry(moved, cut)
    expected, back = expected_notes(moved, cut), restore(moved, cut)
    onsets = Counter((note.pitch, note.column) for note in expected)
    came = Counter((note.pitch, note.column) for note in back)
    exact = (Counter(expected) & Counter(back)).total()
    same_onset = (onsets & came).total()
    # Held over from what was left out: struck anew where the bars stand alone.
    orphans = sum(
        int((new != old).sum())
        for _, rolls, roots in runs_of(moved, cut.bars)
        for new, old in zip(begin_notes(rolls, roots), rolls, strict=True)
    )
    reasons = Counter(entry["notes_dropped"])
    reasons.pop("not of the melody", None)
    for key in moved.dropped:
        reasons.pop(key)
    repairs = entry["repairs"]
    changed = sum(
        repairs.get(key, 0) for key in ("shortened", "held_out_of_range", "held_left_out")
    )
    where = f"{song.name} moved by {semitones}"
    if entry["notes_kept"] != same_onset or len(expected) != same_onset + reasons.total():
        raise AssertionError(f"{where}: {same_onset} of {len(expected)} onsets, {dict(reasons)}")
    if len(back) > same_onset + orphans or same_onset - exact > changed:
        raise AssertionError(f"{where}: {len(back)} came back, {same_onset - exact} changed")
    kept = {"notes": len(expected), "exact": exact, "changed in length": same_onset - exact}
    return Counter(kept) + Counter({f"left out: {key}": n for key, n in reasons.items()})


def from_rolls(song: Song, cut: CutSong) -> Counter[str]:
    """Bars written over each root and read again, cell by cell."""
    counts: Counter[str] = Counter()
    for _, rolls, roots in runs_of(song, cut.bars):
        for shift in range(12):
            moved = [(root + shift) % 12 for root in roots]
            markers = [(bar * COLUMNS, ROOT_NAMES[root]) for bar, root in enumerate(moved)]
            data = write_midi(bars_to_notes(rolls, moved), 120.0, "melody", markers)
            (read,) = read_midi(data, "run.mid")
            back = [bar.roll for bar in cut_song(read, Ingest(chord_root=("marker",))).bars]
            written = begin_notes(rolls, moved)
            if len(back) != len(rolls) or not all(map(np.array_equal, written, back)):
                raise AssertionError(f"{song.name} over {ROOT_NAMES[moved[0]]}: other cells")
            counts["bars"] += len(rolls)
    return counts


def begin_notes(rolls: list[Roll], roots: list[int]) -> list[Roll]:
    """Bars as a file can tell them: what no bar before it holds out is struck anew."""
    begun, reaching = [], set[int]()
    for roll, root in zip(rolls, roots, strict=True):
        held = [row for row in np.flatnonzero(roll[:, 0] == HELD) if row + root not in reaching]
        begun.append(roll.copy())
        begun[-1][held, 0] = ONSET
        reaching = {int(row) + root for row in np.flatnonzero(roll[:, -1])}
    return begun


def main() -> None:
    """Sweep all three collections."""
    if len(sys.argv) != 2:
        print("round trips: left out; name the folder of real data: round_trip.py DATA_ROOT")
        return
    for name in SETS:
        songs, totals, bars = 0, Counter[str](), Counter[str]()
        for song, ingest in read_set(Path(sys.argv[1]) / "midi", name):
            songs += 1
            for semitones in KEYS:
                totals += from_midi(song, ingest, semitones)
            bars += from_rolls(song, cut_song(song, ingest))
        told = ", ".join(f"{key} {n:,}" for key, n in totals.items())
        print(f"{name}, {songs} songs in 12 keys: {told}")
        print(f"{name}: {bars['bars']:,} bars came back cell by cell over 12 roots")


if __name__ == "__main__":
    main()
