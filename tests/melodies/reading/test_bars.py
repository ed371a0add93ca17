"""Cutting songs into bars."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import Cell, roll_to_cells
from fairtrial.melodies.reading.bars import CutSong, cut_song
from fairtrial.melodies.reading.midi import read_midi
from tests.melodies.midi_files import metre, midi, off, on

BAR = 4 * 480
IN_C = {"chord_root": ("file_name",)}


def cut(*tracks: list, offset: float = 0.0, **parameters: object) -> CutSong:
    (song,) = read_midi(midi(*tracks), "a_C.mid")
    values = {**IN_C, "bar_offset_quarters": offset, **parameters}
    return cut_song(song, Ingest.model_validate(values))


def quarters(*pitches: int) -> list:
    return [message for pitch in pitches for message in (on(pitch), off(pitch, 480))]


def test_onsets_and_ends_are_rounded_to_the_grid() -> None:
    """Onset and offset are rounded half up, and a note is one column at least."""
    bars = cut([on(60, 14), off(60, 31), on(62, 15), off(62, 4), on(64, BAR), off(64, 9)]).bars
    assert roll_to_cells(bars[0].roll)[:2] == [Cell(24, 0, 2), Cell(26, 2, 1)]


def test_a_note_across_the_bar_line_goes_on_as_held() -> None:
    """The second bar holds the note without an onset."""
    bars = cut([on(60, BAR - 480), off(60, 960)]).bars
    assert [roll_to_cells(bar.roll) for bar in bars] == [
        [Cell(24, 48, 16)],
        [Cell(24, 0, 16, begins=False)],
    ]


def test_an_onset_rounded_over_the_bar_line_begins_the_next_bar() -> None:
    """A note that starts a hair before the bar line is the next bar's first note."""
    bars = cut([on(60, BAR - 5), off(60, 480)]).bars
    assert bars[0].excluded == "silent"
    assert roll_to_cells(bars[1].roll) == [Cell(24, 0, 16)]


def test_a_last_note_of_less_than_a_column_is_kept() -> None:
    """A hair of a note at the very end, or alone, takes a column as any other does."""
    assert roll_to_cells(cut([on(60), off(60, 1)]).bars[0].roll) == [Cell(24, 0, 1)]
    bars = cut([on(60), off(60, BAR), on(62), off(62, 1)]).bars
    assert [roll_to_cells(bar.roll) for bar in bars] == [[Cell(24, 0, 64)], [Cell(26, 0, 1)]]


def test_other_metres_are_skipped_or_padded_with_a_reason() -> None:
    """A span in 3/4 is one excluded row, or bars with a silent last beat."""
    track = [*quarters(60, 60, 60, 60), metre(3, 4), *quarters(62, 62, 62, 64, 64, 64)]
    skipped = cut(track).bars
    assert [bar.excluded for bar in skipped] == ["", "metre 3/4"]
    padded = cut(track, other_metres="pad").bars
    assert [bar.excluded for bar in padded] == ["", "", ""]
    assert max(cell.column + cell.length for cell in roll_to_cells(padded[1].roll)) == 48
    wide = cut([metre(5, 4), *quarters(60, 60, 60, 60, 60)], other_metres="pad").bars
    assert [bar.excluded for bar in wide] == ["metre 5/4"]


def test_bars_are_numbered_as_musicians_count() -> None:
    """The pickup is bar 0, and a span that is left out counts all of its bars."""
    waltz = [metre(3, 4), *quarters(62, 62, 62, 64, 64, 64)]
    track = [*quarters(59, 60, 60, 60, 60), *waltz, metre(4, 4), *quarters(65, 65, 65, 65)]
    bars = cut(track, offset=1.0).bars
    assert [(bar.number, bar.excluded) for bar in bars] == [
        (0, "pickup"),
        (1, ""),
        (2, "metre 3/4"),
        (4, ""),
    ]


def test_cut_time_fills_the_bar_as_four_quarters_do() -> None:
    """2/2 has bars of four quarters, so nothing is skipped."""
    assert [bar.excluded for bar in cut([metre(2, 2), *quarters(60, 62, 64, 65)]).bars] == [""]


def test_a_bar_cut_by_a_change_of_metre_is_left_out() -> None:
    """Half a bar before a new metre is excluded with its reason, and nothing of it is lost."""
    track = [*quarters(60, 60, 60, 60, 62, 62), metre(4, 4), *quarters(64, 64, 64, 64)]
    bars = cut(track).bars
    assert [bar.excluded for bar in bars] == ["", "cut by a change of metre", ""]
    assert roll_to_cells(bars[2].roll)[0] == Cell(28, 0, 16)


def test_a_pickup_is_set_apart_by_its_offset() -> None:
    """With an offset of one quarter the bar line stands after it, never guessed."""
    bars = cut(quarters(55, 60, 60, 60, 60), offset=1.0).bars
    assert [bar.excluded for bar in bars] == ["pickup", ""]
    assert [cell.column for cell in roll_to_cells(bars[1].roll)] == [0, 16, 32, 48]


@pytest.mark.parametrize(
    ("rule", "excluded", "rows", "counts"),
    [
        ("drop", "", [24], {"notes": 2, "kept": 1, "out_of_range": 1}),
        ("fold_octave", "", [24, 11], {"notes": 2, "kept": 2, "folded": 1}),
        ("reject", "note out of range", [], {"notes": 2}),
    ],
)
def test_notes_out_of_range_are_counted_whatever_is_done(
    rule: str, excluded: str, rows: list[int], counts: dict[str, int]
) -> None:
    """Out of range is dropped, folded or rejected, and always counted; nothing wraps."""
    (bar,) = cut(quarters(60, 35), out_of_range=rule).bars
    assert bar.excluded == excluded
    assert bar.counts == counts
    assert [cell.row for cell in roll_to_cells(bar.roll)] == rows if rows else bar.roll is None


def test_the_error_on_the_grid_is_measured() -> None:
    """Triplets lie off the grid of 16 columns a quarter, by a third of a column at most."""
    triplets = [message for _ in range(12) for message in (on(60), off(60, 160))]
    mean, worst = cut(triplets).grid_error
    (bar,) = cut(triplets).bars
    assert [cell.column for cell in roll_to_cells(bar.roll)][:4] == [0, 5, 11, 16]
    assert worst == pytest.approx(1 / 3)
    assert 0 < mean < worst
    assert cut(quarters(60, 62)).grid_error == (0.0, 0.0)


def test_tempo_does_not_move_the_grid() -> None:
    """The grid is in ticks: a change of tempo alters no roll."""
    slow = [mido.MetaMessage("set_tempo", tempo=1_000_000), *quarters(60, 62)]
    assert (cut(slow).bars[0].roll == cut(quarters(60, 62)).bars[0].roll).all()


def test_every_note_belongs_to_one_bar_or_span() -> None:
    """A note that begins a hair before a metre is that metre's; its count is nowhere else."""
    track = [*quarters(60, 60, 60), on(62), off(62, 475), metre(3, 4, 5)]
    late = [*track[:-1], on(64), metre(3, 4, 5), off(64, 475)]
    assert [bar.counts for bar in cut(late).bars] == [{"notes": 4, "kept": 4}, {"notes": 1}]
    back = [metre(3, 4), *quarters(60, 60), on(62), off(62, 475), on(64), metre(4, 4, 5)]
    bars = cut([*back, off(64, BAR)]).bars
    assert [bar.counts for bar in bars] == [{"notes": 3}, {"notes": 1, "kept": 1}]
    assert roll_to_cells(bars[1].roll) == [Cell(28, 0, 64)]


def test_what_is_held_into_a_span_left_out_is_counted() -> None:
    """A kept note that ends in a skipped metre loses that part, and the report says so."""
    bars = cut([on(60, BAR - 480), metre(3, 4, 480), off(60, 480)]).bars
    assert [bar.excluded for bar in bars] == ["", "metre 3/4"]
    assert bars[1].counts == {"held_left_out": 1}
    tail = cut([metre(3, 4), on(60, 960), metre(4, 4, 480), off(60, 480)]).bars
    assert (tail[1].excluded, tail[1].counts["notes"]) == ("", 0)
    assert roll_to_cells(tail[1].roll) == [Cell(24, 0, 16, begins=False)]


def test_a_held_note_may_leave_the_rows_of_the_next_chord() -> None:
    """The second bar's root is eleven semitones higher: the note's part there has no row."""
    chords = [mido.MetaMessage("marker", text="C"), mido.MetaMessage("marker", text="B", time=BAR)]
    bars = cut([on(40, BAR - 480), off(40, 960)], chords, chord_root=("marker",)).bars
    assert [bar.root for bar in bars] == [0, 11]
    assert bars[0].counts == {"notes": 1, "kept": 1}
    assert bars[1].excluded == "only notes out of range"
    assert bars[1].counts == {"held_left_out": 1}


def test_a_chord_struck_a_hair_after_the_bar_line_is_the_bars() -> None:
    """Played chords come late by some ticks; half a column is the limit, as for notes."""
    for late, root in ((15, 7), (16, 0)):
        chords = [mido.MetaMessage("marker", text="C")]
        chords.append(mido.MetaMessage("marker", text="G", time=BAR + late))
        bars = cut(quarters(*[60] * 8), chords, chord_root=("marker",)).bars
        assert [bar.root for bar in bars] == [0, root]


def test_shortened_lengthened_and_merged_notes_are_counted() -> None:
    """What the grid cannot tell is done to the notes, and counted."""
    track = [on(60), on(60, 480), off(60, 480), off(60, 480)]  # first in, first out: an overlap
    assert cut(track).bars[0].counts == {"notes": 2, "kept": 2, "shortened": 1}
    brief = [on(60), off(60, 3), on(62, 477), off(62, 480)]
    assert cut(brief).bars[0].counts == {"notes": 2, "kept": 2, "lengthened": 1}
    close = [on(60), off(60, 5), on(60, 5), off(60, 480)]
    assert cut(close).bars[0].counts == {"notes": 2, "kept": 1, "merged": 1, "lengthened": 1}


def test_the_remainder_of_the_length_can_be_the_pickup() -> None:
    """Five quarters are a pickup of one, where the study says so."""
    bars = cut(quarters(55, 60, 60, 60, 60), bar_offset_quarters="remainder").bars
    assert [bar.excluded for bar in bars] == ["pickup", ""]
    whole = cut(quarters(60, 60, 60, 60), bar_offset_quarters="remainder").bars
    assert [bar.excluded for bar in whole] == [""]


@pytest.mark.parametrize(
    ("cap", "rule"), [("MAX_BARS", "at most 1 bars"), ("MAX_HELD_BARS", "sound for 1 bars in all")]
)
def test_songs_beyond_all_bounds_are_refused(
    monkeypatch: pytest.MonkeyPatch, cap: str, rule: str
) -> None:
    """Caps on bars and on held notes hold before any bar is drawn."""
    monkeypatch.setattr(f"fairtrial.melodies.reading.bars.{cap}", 1)
    with pytest.raises(DataError, match=rule):
        cut([on(60), off(60, 2 * BAR), on(62), off(62, 480)])


def test_a_ninth_of_real_notes_would_fuse_without_their_onsets(real_data: Path) -> None:
    """Notes struck where one of their pitch ends: 11 % in folk tunes, none of them lost here."""
    notes = struck = 0
    for path in sorted((real_data / "midi" / "nottingham").glob("*.mid")):
        (song,) = read_midi(path.read_bytes(), path.name)
        melody = [note for note in song.notes if note.track == 0]
        ends = {(note.pitch, note.end) for note in melody}
        notes += len(melody)
        struck += sum((note.pitch, note.start) in ends for note in melody)
    assert 0.10 < struck / notes < 0.12
