"""Which part is the melody."""

from __future__ import annotations

import mido
import pytest

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.midi import read_midi
from fairtrial.melodies.reading.parts import Part, choose_melody, find_chords
from tests.melodies.midi_files import midi, off, on


def tune(*pitches: int, channel: int = 0, name: str = "") -> list:
    named = [mido.MetaMessage("track_name", name=name)] if name else []
    return named + [
        message
        for pitch in pitches
        for message in (on(pitch, channel=channel), off(pitch, 480, channel=channel))
    ]


def chords(*, channel: int = 0) -> list:
    struck = [on(pitch, channel=channel) for pitch in (72, 76, 79)]
    return [*struck, off(72, 480, channel=channel), *(off(p, channel=channel) for p in (76, 79))]


def choose(*tracks: list, **parameters: object) -> tuple[Part, str]:
    (song,) = read_midi(midi(*tracks), "a.mid")
    return choose_melody(song, Ingest.model_validate(parameters), find_chords(song))


def test_the_rules_hold_in_their_order() -> None:
    """The only part; else the one named melody; else the highest without chords."""
    assert choose(tune(60)) == (Part(0, 1), "the only part")
    named = choose(tune(84), tune(48, name="The Melody"))
    assert named == (Part(1, 1), "on a track named melody")
    assert choose(chords(), tune(60), tune(50)) == (Part(1, 1), "the highest of 3 parts")
    assert choose(chords()) == (Part(0, 1), "the only part")


def test_drums_are_no_part() -> None:
    """A drum track is not counted among the parts."""
    assert choose(tune(40, 41, channel=9), tune(60)) == (Part(1, 1), "the only part")


def test_channels_of_one_track_are_parts_of_their_own() -> None:
    """A file of type 0 holds several instruments on one track."""
    mixed = [*chords(channel=2), *tune(60, 62, channel=0), *tune(40, 40, channel=1)]
    assert choose(mixed) == (Part(0, 1), "the highest of 3 parts")
    (song,) = read_midi(midi(mixed), "a.mid")
    assert find_chords(song) == Part(0, 3)
    assert choose(mixed, channel=2)[0] == Part(0, 2)
    assert choose(mixed, track=0)[0] == Part(0, None)
    assert choose(mixed, track="all", channel=3)[0] == Part(None, 3)


def test_a_few_high_notes_are_no_melody() -> None:
    """A part with less than a quarter of the notes of the largest one is passed over."""
    assert choose(tune(*[60] * 9), tune(96, 96)) == (Part(0, 1), "the highest of 2 parts")
    assert choose(tune(*[60] * 8), tune(96, 96)) == (Part(1, 1), "the highest of 2 parts")


def test_a_part_can_be_asked_for() -> None:
    """By number, by a part of its name, or all of them."""
    tracks = (tune(48, name="Bass"), tune(84, name="Lead Vocal"))
    assert choose(*tracks, track=0) == (Part(0, None), "asked for by number")
    assert choose(*tracks, track="vocal") == (Part(1, None), "asked for by the name 'vocal'")
    assert choose(*tracks, track="all") == (Part(None, None), "every track, as asked for")


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"track": 7}, "notes on track 7, found"),
        ({"track": "flute"}, "notes on track flute, found"),
        ({"track": 0, "channel": 5}, "notes on track 0 and channel 5"),
        ({"channel": 5}, "notes on track auto and channel 5"),
    ],
)
def test_a_part_that_is_not_there_is_told_with_what_is(asked: dict, rule: str) -> None:
    """The error lists tracks, their names and channels."""
    with pytest.raises(DataError, match=rule) as error:
        choose(tune(48, name="Bass"), tune(84, channel=2), **asked)
    assert "track 0 'Bass' (channel 1); track 1 (channel 3)" in str(error.value)
