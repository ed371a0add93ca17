"""A melody as a score: written as MEI, engraved by Verovio.

The score says what sounds: notes are tied wherever no single value lasts as long, and where another
note of their chord begins or ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from fairtrial.melodies.notation.spelling import signature, signed_letters, spell
from fairtrial.melodies.notation.values import Slice, write_values
from fairtrial.melodies.piano_roll import COLUMNS_PER_QUARTER, GridNote
from fairtrial.melodies.songs.harmony import Harmony, Key

_NAMESPACE = "http://www.music-encoding.org/ns/mei"
_SHOWN = {-2: "ff", -1: "f", 0: "n", 1: "s", 2: "x"}
_IN_FORCE = {**_SHOWN, 2: "ss"}  # MEI has another word for an accidental that is not printed
_BASS_BELOW = 55  # a melody whose mean pitch lies below this G stands in the bass clef
_BARS_A_LINE = 4
_MOST_NOTES_A_BAR = 32
_SEED = 1  # of the names that Verovio gives to what it draws
_LAYOUT = {
    "adjustPageHeight": True,
    "footer": "none",
    "header": "none",
    "minLastJustification": 0.5,
    "pageHeight": 60000,
    "pageWidth": 2600,
    "scale": 40,
    "svgViewBox": True,
}


def is_readable(notes: Sequence[GridNote], harmony: Harmony) -> bool:
    """Whether a staff can show so many notes; those of an untrained network are a black page."""
    return len(notes) <= _MOST_NOTES_A_BAR * len(harmony.chords)


def write_score(notes: Sequence[GridNote], harmony: Harmony, tempo_bpm: float) -> bytes:
    """A song as SVG, the same bytes for the same song.

    Args:
        notes: within the bars of the harmony, columns counted from the first one's start.
        harmony: chords are written above their bars, the key is the signature.
        tempo_bpm: written above the first bar.
    """
    import verovio

    verovio.enableLog(verovio.LOG_ERROR)  # its advice on spacing is of no use in a run's log
    toolkit = verovio.toolkit()
    breaks = "encoded" if len(harmony.chords) > _BARS_A_LINE else "none"
    toolkit.setOptions({**_LAYOUT, "breaks": breaks, "xmlIdSeed": _SEED})
    toolkit.loadData(write_mei(notes, harmony, tempo_bpm))
    svg: str = toolkit.renderToSVG(1)
    return svg.encode()


def write_mei(notes: Sequence[GridNote], harmony: Harmony, tempo_bpm: float) -> str:
    """A song as a document of the Music Encoding Initiative. Arguments as in `write_score`."""
    root = ElementTree.Element("mei", xmlns=_NAMESPACE, meiversion="5.0")
    title = _nest(root, "meiHead", "fileDesc", "titleStmt", "title")
    title.text = " ".join(chord.symbol for chord in harmony.chords)
    score = _nest(root, "music", "body", "mdiv", "score")
    _define_staff(score, notes, harmony.key)
    section = ElementTree.SubElement(score, "section")
    for number, chord in enumerate(harmony.chords):
        if number and number % _BARS_A_LINE == 0:
            ElementTree.SubElement(section, "sb")
        last = {"right": "end"} if number == len(harmony.chords) - 1 else {}
        measure = ElementTree.SubElement(section, "measure", {"n": str(number + 1), **last})
        layer = _nest(measure, ("staff", {"n": "1"}), ("layer", {"n": "1"}))
        _write_bar(layer, write_values(notes, number), harmony.key)
        here = {"staff": "1", "tstamp": "1", "place": "above"}
        ElementTree.SubElement(measure, "harm", here).text = chord.symbol
        if number == 0:
            tempo = {**here, "mm": f"{tempo_bpm:g}", "mm.unit": "4"}
            ElementTree.SubElement(measure, "tempo", tempo).text = f"{tempo_bpm:g} bpm"
    return ElementTree.tostring(root, encoding="unicode")


def _define_staff(score: ElementTree.Element, notes: Sequence[GridNote], key: Key) -> None:
    sharps = signature(key)
    signed = f"{abs(sharps)}{'s' if sharps > 0 else 'f'}" if sharps else "0"
    metre = {"meter.count": "4", "meter.unit": "4", "keysig": signed}
    group = _nest(score, ("scoreDef", metre), "staffGrp")
    pitches = [note.pitch for note in notes]
    bass = bool(pitches) and sum(pitches) / len(pitches) < _BASS_BELOW
    clef = {"clef.shape": "F", "clef.line": "4"} if bass else {"clef.shape": "G", "clef.line": "2"}
    ElementTree.SubElement(group, "staffDef", {"n": "1", "lines": "5", **clef})


def _nest(
    parent: ElementTree.Element, *names: str | tuple[str, dict[str, str]]
) -> ElementTree.Element:
    """Elements within each other, the last of which is returned."""
    for name in names:
        tag, attributes = (name, {}) if isinstance(name, str) else name
        parent = ElementTree.SubElement(parent, tag, attributes)
    return parent


def _write_bar(layer: ElementTree.Element, values: Sequence[Slice], key: Key) -> None:
    """Notes, chords and rests of a bar; triplets are grouped, short values beamed beat by beat."""
    shown: dict[tuple[str, int], int] = {}
    written = [(value, _write_value(value, key, shown)) for value in values]
    for (_, triplet), beat in groupby(written, lambda each: (_beat(each[0]), each[0].triplet)):
        home = layer
        if triplet:
            home = ElementTree.SubElement(layer, "tuplet", {"num": "3", "numbase": "2"})
        for beamed, members in groupby(beat, lambda each: _is_beamed(each[0])):
            elements = [element for _, element in members]
            group = ElementTree.SubElement(home, "beam") if beamed and len(elements) > 1 else home
            group.extend(elements)


def _beat(value: Slice) -> int:
    return value.column // COLUMNS_PER_QUARTER


def _is_beamed(value: Slice) -> bool:
    return bool(value.pitches) and value.n >= 8


def _write_value(value: Slice, key: Key, shown: dict[tuple[str, int], int]) -> ElementTree.Element:
    """A rest, note or chord; ``shown`` holds the accidentals in force in the bar."""
    written = {"dur": str(value.n), **({"dots": str(value.dots)} if value.dots else {})}
    if not value.pitches:
        return ElementTree.Element("rest", written)
    if len(value.pitches) == 1:
        return _name_note(ElementTree.Element("note", written), value, 0, key, shown)
    chord = ElementTree.Element("chord", written)
    for number in range(len(value.pitches)):
        _name_note(ElementTree.SubElement(chord, "note"), value, number, key, shown)
    return chord


def _name_note(
    note: ElementTree.Element,
    value: Slice,
    number: int,
    key: Key,
    shown: dict[tuple[str, int], int],
) -> ElementTree.Element:
    """Give a note its name, its tie, and its accidental where that is not in force."""
    pitch = value.pitches[number]
    name = spell(pitch, key)
    place = (name.letter, name.octave)
    in_force = shown.get(place, signed_letters(signature(key))[name.letter])
    from_before, goes_on = pitch in value.tied_from, pitch in value.tied_to
    note.set("pname", name.letter.lower())
    note.set("oct", str(name.octave))
    if name.sharps != in_force and not from_before:
        note.set("accid", _SHOWN[name.sharps])
    else:
        note.set("accid.ges", _IN_FORCE[name.sharps])
    shown[place] = name.sharps
    if from_before or goes_on:
        note.set("tie", "m" if from_before and goes_on else "t" if from_before else "i")
    return note
