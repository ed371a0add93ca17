"""How files of music become bars."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, NonNegative, Parameters, Whole

RootSource = Literal["file_name", "marker", "chord_track", "key"]


class Ingest(Parameters):
    """How MIDI files, or chorales on a grid (JSON), become bars.

    Args:
        root: folder or archive of the files; left out where samples are drawn.
        files: names or patterns (``*``, ``?``) of the files within it, each of which must match
            one; where none are given every file with a suffix .mid, .midi or .kar in any case.
        track: the melody's track: ``auto`` (the only one; else one named melody; else the highest
            by mean pitch that holds no chords), ``all`` of them, its number, or a part of its
            name. The voices of a chorale are tracks 0, 1, ...
        channel: the melody's MIDI channel, where its track holds several instruments.
        chord_root: where the chord under a bar is looked for, in order of trust.
        bar_offset_quarters: length of the pickup before the first bar line; ``remainder`` takes
            what is left of the song's length after whole bars.
        bar_offsets_quarters: the same for single files, by path.
        out_of_range: notes outside the 48 rows are dropped, folded by octaves, or their bar is
            left out.
        other_metres: spans whose bar is no four quarters are skipped; shorter bars can be padded.
        steps_per_quarter: of chorales on a grid.
    """

    root: Annotated[str, Field(exclude=True)] = ""
    files: tuple[str, ...] = ()
    track: Literal["auto", "all"] | Whole | Annotated[str, Field(min_length=1)] = "auto"
    channel: Annotated[Count, Field(le=16)] | None = None
    chord_root: Annotated[tuple[RootSource, ...], Field(min_length=1)] = (
        "file_name",
        "marker",
        "chord_track",
        "key",
    )
    bar_offset_quarters: NonNegative | Literal["remainder"] = 0.0
    bar_offsets_quarters: dict[str, NonNegative] = Field(default_factory=dict)
    out_of_range: Literal["drop", "fold_octave", "reject"] = "drop"
    other_metres: Literal["skip", "pad"] = "skip"
    steps_per_quarter: Annotated[Count, Field(le=16)] = 4
