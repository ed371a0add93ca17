"""What is played on the page is found, told and drawn as it is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.records import Arrays
from fairtrial.evidence.style import new_figure, svg_bytes
from fairtrial.melodies.exhibits.augmentation import augmentation_exhibit
from fairtrial.melodies.exhibits.listening import listening_exhibit
from fairtrial.melodies.exhibits.pieces import (
    PIECE_BARS,
    Piece,
    arm_piece,
    find_passage,
    finished_runs,
    real_pieces,
)
from fairtrial.melodies.exhibits.rolls import draw_rolls, shown_octaves
from fairtrial.melodies.parameters import Augment
from fairtrial.melodies.piano_roll import Cell, Roll, draw_roll
from fairtrial.melodies.varying import STRATEGIES


def bars(count: int, row: int = 24) -> Roll:
    """Bars of two notes; no two are alike up to 20 of them."""
    return np.stack(
        [
            draw_roll([Cell(row, 0, 8 + bar % 20), Cell(row + 4 + bar % 3, 32, 16)])[0]
            for bar in range(count)
        ]
    )


def songs(*lengths: int, gap: int | None = None) -> pd.DataFrame:
    """A manifest of songs of so many bars; bar ``gap`` of each is left out."""
    rows = [
        (f"s{song}", bar) for song, length in enumerate(lengths) for bar in range(1, length + 1)
    ]
    table = pd.DataFrame(rows, columns=["song", "bar"])
    table["row"] = np.where(table["bar"] == gap, -1, table.index)
    return table.assign(root=7)


def test_a_passage_is_consecutive_bars_of_one_song() -> None:
    """Eight bars where there are as many, never across songs or a bar that was left out."""
    manifest = songs(5, 12, 20, gap=9)
    rows = manifest.index[manifest["row"] >= 0].to_numpy()
    for seed in range(20):
        passage = find_passage(manifest, rows, np.random.default_rng(seed))
        assert len(passage) == PIECE_BARS
        assert passage["song"].nunique() == 1
        assert (passage["bar"].diff().dropna() == 1).all()


def test_the_longest_stretch_serves_where_songs_are_short() -> None:
    """Three songs of two or three bars give three bars of one of the longer ones."""
    manifest = songs(2, 3, 3)
    passage = find_passage(manifest, manifest["row"].to_numpy(), np.random.default_rng(0))
    assert len(passage) == 3
    assert set(passage["song"]) <= {"s1", "s2"}


def test_only_rows_of_the_side_that_is_shown_are_taken() -> None:
    """A song that was trained on is no passage of the held-out ones."""
    manifest = songs(10, 10)
    held_out = manifest.loc[manifest["song"] == "s1", "row"].to_numpy()
    passage = find_passage(manifest, held_out, np.random.default_rng(3))
    assert set(passage["song"]) == {"s1"}


def test_real_bars_stand_beside_a_copy_that_was_augmented() -> None:
    """The written bars are left as they are; the copy has as many, over the same roots."""
    manifest = songs(8)
    rolls = bars(8)
    written, varied = real_pieces(manifest, rolls, "test", Augment(), np.random.default_rng(0))
    assert written.rolls is rolls
    assert "Bars 1 to 8 of s0, held out" in written.text
    assert list(written.roots) == list(varied.roots) == [7] * 8
    assert varied.rolls.shape == rolls.shape
    assert (varied.rolls != rolls).any(axis=(1, 2)).all()


def test_an_arm_is_heard_by_its_first_finished_run() -> None:
    """A diverged run is passed over, in whichever chunk the first finished one is."""
    outputs = [
        Arrays(
            {"bars": np.stack([bars(9), bars(9)])},
            {
                "blocks": ["run_000", "run_001"],
                "statuses": {"run_000": "diverged", "run_001": "diverged"},
            },
        ),
        Arrays(
            {"bars": np.stack([bars(9)])}, {"blocks": ["run_002"], "statuses": {"run_002": "ok"}}
        ),
    ]
    runs = finished_runs([("one", "0"), ("one", "1")], outputs)
    assert list(runs["one"]) == ["run_002"]
    piece = arm_piece("one", runs["one"])
    assert np.array_equal(piece.rolls, bars(8))
    assert "run_002" in piece.text
    assert "0% are silent" in piece.text
    assert "collapsed" not in piece.text


@pytest.mark.parametrize(
    ("runs", "words"),
    [({}, "None of its runs finished"), ({"run_000": np.repeat(bars(1), 50, axis=0)}, "collapsed")],
)
def test_failures_are_told_beside_the_player(runs: dict[str, Roll], words: str) -> None:
    """An arm without a finished run has no sound; one that wrote one bar has collapsed."""
    piece = arm_piece("one", runs)
    assert words in piece.text
    files, clips = listening_exhibit([piece], 120)
    assert ("clip_0.mp3" in files) == bool(runs) == ("one.mp3" in clips)


def test_the_exhibit_holds_the_notes_as_numbers() -> None:
    """Each note of each piece is a row, with its bar and root."""
    piece = Piece("real_bars", "Some bars.", bars(3), [0, 2, 7], real=True)
    files, clips = listening_exhibit([piece], 90)
    assert {"clip_0.mp3", "clip_0.svg", "data.csv", "figure.json"} == set(files)
    assert set(clips) == {"real_bars.mid", "real_bars.mp3"}
    lines = files["data.csv"].decode().splitlines()
    assert lines[0] == "piece,bar,root,row,column,length,begins"
    assert lines[1:3] == ["real_bars,0,0,24,0,8,True", "real_bars,0,0,28,32,16,True"]
    assert len(lines) == 7
    head: dict[str, Any] = json.loads(files["figure.json"])
    assert "90 quarters a minute" in head["caption"]


def test_noise_is_drawn_as_a_picture_and_stays_small() -> None:
    """An untrained generator's thousand notes a bar are no thousand rectangles."""
    noise = np.random.default_rng(0).integers(0, 3, (8, 48, 64)).astype(np.uint8)
    figure, axes = new_figure(7.2, 1.05)
    draw_rolls(axes, noise, "#000000")
    assert len(svg_bytes(figure)) < 300_000


@pytest.mark.parametrize(
    ("rows", "octaves"), [((0,), (0, 1)), ((13, 24), (1, 3)), ((47,), (3, 4)), ((), (0, 4))]
)
def test_every_note_lies_in_the_octaves_that_are_shown(
    rows: tuple[int, ...], octaves: tuple[int, int]
) -> None:
    """Whole octaves from the lowest to the highest note; all four of a silent bar."""
    roll = draw_roll([Cell(row, 0, 4) for row in rows])[0]
    assert shown_octaves(roll[None]) == octaves


def test_augmentations_are_shown_beside_their_original() -> None:
    """Panels of every known strategy, used or not; the notes before and after are in the data."""
    generator = np.random.default_rng(0)
    files = augmentation_exhibit(bars(10), np.full(10, 5), Augment(), generator)
    table = pd.read_csv(pd.io.common.BytesIO(files["data.csv"]))
    assert set(table["strategy"]) == set(STRATEGIES.names())
    moved = table[table["strategy"] == "octave_change"].groupby("bar")["row"].mean()
    assert abs(moved["after"] - moved["before"]) == 12
