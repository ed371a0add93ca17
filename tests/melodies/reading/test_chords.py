"""Chord roots from names, markers, chord tracks and keys."""

from __future__ import annotations

import mido
import pytest

from fairtrial.melodies.reading.chords import (
    ROOT_NAMES,
    estimate_key,
    find_roots,
    parse_root,
    root_at,
)
from fairtrial.melodies.reading.midi import read_midi
from fairtrial.melodies.reading.parts import Part, find_chords
from fairtrial.melodies.reading.songs import Note
from tests.melodies.midi_files import midi, off, on

SOURCES = ("file_name", "marker", "chord_track", "key")


@pytest.mark.parametrize(
    ("symbol", "root"),
    [
        ("C", 0),
        ("Bb7", 10),
        ("F#m7b5", 6),
        ("Cmaj7/E", 0),
        ("GØ".replace("Ø", "ø") + "7", 7),
        ("D7 add b9", 2),
        ("Gsus4", 7),
        ("Cb", 11),
        ("Chorus", None),
        ("Fine", None),
        ("D.C. al Coda", None),
        ("", None),
        ("N.C.", None),
    ],
)
def test_chord_symbols_are_told_from_other_text(symbol: str, root: int | None) -> None:
    """Roots of chord symbols are read; other markers are no chords."""
    assert parse_root(symbol) == root


def scale(root: int, steps: tuple[int, ...] = (0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0)) -> list:
    track = []
    for step in steps:
        track += [on(60 + root + step), off(60 + root + step, 480)]
    return track


@pytest.mark.parametrize("root", range(12))
def test_a_major_scale_gives_its_key(root: int) -> None:
    """The estimated key of a scale that rests on its triad is its tonic, in all 12 keys."""
    (song,) = read_midi(midi(scale(root)), "a.mid")
    assert estimate_key(song.notes) == [(0, root)]


def test_no_notes_give_no_key_and_equal_ones_give_c() -> None:
    """Where nothing speaks for a key none is made up."""
    assert estimate_key([]) == []
    chromatic = [Note(k * 480, k * 480 + 480, 60 + k, 0, 0) for k in range(12)]
    assert estimate_key(chromatic) == [(0, 0)]


def test_sources_are_tried_in_order() -> None:
    """The first source that has any root is taken, and named."""
    marker = mido.MetaMessage("marker", text="F")
    chords = [on(55), on(59), on(62), off(55, 480), off(59), off(62)]
    (song,) = read_midi(midi([marker, *scale(2)], chords), "a_Bb.mid")
    part = find_chords(song)
    assert part == Part(1, 1)
    assert find_roots(song, part, SOURCES) == ([(0, 10)], "file_name")
    assert find_roots(song, part, SOURCES[1:]) == ([(0, 5)], "marker")
    assert find_roots(song, part, SOURCES[2:]) == ([(0, 7)], "chord_track")
    assert find_roots(song, part, ("file_name",))[1] == "file_name"
    (plain,) = read_midi(midi(scale(2)), "a.mid")
    assert find_roots(plain, None, SOURCES[:3]) == ([(0, 0)], "none")


def test_an_inverted_chord_keeps_its_root() -> None:
    """C over E is a C chord, though its bass is E."""
    chords = [on(52), on(55), on(60), off(52, 480), off(55), off(60)]
    (song,) = read_midi(midi(scale(0), chords), "a.mid")
    assert find_roots(song, Part(1), ("chord_track",)) == ([(0, 0)], "chord_track")


def test_a_root_holds_until_the_next() -> None:
    """The root at a tick is the last one before it; the first one holds before all."""
    roots = [(480, 5), (960, 7)]
    assert [root_at(roots, tick) for tick in (0, 480, 959, 960, 9999)] == [5, 5, 5, 7, 7]


@pytest.mark.parametrize(
    ("texts", "source"),
    [(["Am", "F", "x"], "marker"), (["A", "ma", "zing", "grace"], "key"), (["", " "], "key")],
)
def test_lyrics_are_no_chords(texts: list[str], source: str) -> None:
    """Texts are chords only where half of them or more are; a syllable may look like one."""
    for kind in ("marker", "text"):
        events = [mido.MetaMessage(kind, text=text) for text in texts]
        (song,) = read_midi(midi([*events, *scale(5)]), "a.mid")
        assert find_roots(song, None, SOURCES)[1] == source


def test_a_chord_is_one_though_its_notes_come_apart() -> None:
    """Notes of a played chord begin some ticks apart: their column is the same."""
    chords = [on(55), on(59, 4), on(62, 6), off(55, 470), off(59), off(62)]
    (song,) = read_midi(midi(scale(0), chords * 2), "a.mid")
    part = find_chords(song)
    assert part == Part(1, 1)
    assert find_roots(song, part, ("chord_track",)) == ([(0, 7), (480, 7)], "chord_track")


@pytest.mark.parametrize("path", ["x_F#.mid", "x_F#.MIDI", "a.b/x_F#.kar"])
def test_the_files_name_tells_its_chord_whatever_its_suffix(path: str) -> None:
    """The root stands before the suffix; of a type 2 file, the number of the song is no part."""
    data = midi(scale(0), scale(0), kind=2)
    for song in read_midi(data, path):
        assert find_roots(song, None, SOURCES) == ([(0, 6)], "file_name")


def test_root_names_are_read_as_their_roots() -> None:
    """What we write as markers means the root that it names."""
    assert [parse_root(name) for name in ROOT_NAMES] == list(range(12))
