"""How files of music become bars."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import NonNegative, Parameters, Whole

RootSource = Literal["file_name", "marker", "chord_track", "key"]


class Ingest(Parameters):
    """How MIDI files become bars.

    Args:
        root: folder of the MIDI files; left out where samples are drawn.
        files: names or patterns (``*``, ``?``) of the files within it; each must match one.
        track: the melody's track: ``auto`` (the only one; else one named melody; else the highest
            by mean pitch that holds no chords), ``all`` of them, or its number.
        chord_root: where the chord under a bar is looked for, in order of trust.
        bar_offset_quarters: length of the pickup before the first bar line.
        bar_offsets_quarters: the same for single files, by path.
        out_of_range: notes outside the 48 rows are dropped, folded by octaves, or their bar is
            left out.
        other_metres: spans whose bar is no four quarters are skipped; shorter bars can be padded.
    """

    root: Annotated[str, Field(exclude=True)] = ""
    files: Annotated[tuple[str, ...], Field(min_length=1)] = ("*.mid",)
    track: Literal["auto", "all"] | Whole = "auto"
    chord_root: Annotated[tuple[RootSource, ...], Field(min_length=1)] = (
        "file_name",
        "marker",
        "chord_track",
        "key",
    )
    bar_offset_quarters: NonNegative = 0.0
    bar_offsets_quarters: dict[str, NonNegative] = Field(default_factory=dict)
    out_of_range: Literal["drop", "fold_octave", "reject"] = "drop"
    other_metres: Literal["skip", "pad"] = "skip"
