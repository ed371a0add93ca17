"""A folder of MIDI files as bars: pack, manifest and a report whose counts reconcile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import COLUMNS, ROWS, Roll
from fairtrial.melodies.reading.bars import CutSong, cut_song
from fairtrial.melodies.reading.midi import DEFAULT_TEMPO_BPM, Song, read_midi

COLUMNS_OF_MANIFEST = [
    "item_id",
    "path",
    "sha256",
    "song",
    "group",
    "source",
    "bar",
    "row",
    "root",
    "root_source",
    "notes",
    "out_of_range",
    "merged",
    "grid_error_mean_columns",
    "grid_error_max_columns",
    "excluded",
]
REPAIRS = {
    "hanging": "hanging notes closed at the end of their track",
    "zero_length": "notes of zero length dropped",
    "unmatched_off": "note-offs without a note ignored",
    "drums": "drum notes left out",
    "out_of_range": "notes (or their parts in a later bar) outside the 48 rows",
    "merged": "notes lost to another of their pitch in the same column",
}


@dataclass
class _Batch:
    """What has been gathered so far."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rolls: list[Roll] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[str, int], str] = field(default_factory=dict)
    copies: list[str] = field(default_factory=list)
    rejected: int = 0
    grid_errors: list[tuple[str, float, float]] = field(default_factory=list)
    tempos: list[float] = field(default_factory=list)


def choose_files(paths: list[str], patterns: tuple[str, ...], where: str) -> list[str]:
    """Listed paths that match any pattern, in order.

    Raises:
        DataError: a pattern matches none.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        matching = {path for path in paths if fnmatchcase(path, pattern)}
        if not matching:
            raise DataError(
                where,
                f"a file that matches {pattern!r}",
                f"none among {len(paths)} files",
                "Correct ingest.files or the folder.",
            )
        chosen |= matching
    return sorted(chosen)


def read_folder(
    files: dict[str, str], read: Callable[[str], bytes], parameters: Ingest, *, synthetic: bool
) -> tuple[Arrays, pd.DataFrame, dict[str, Any]]:
    """Read MIDI files into bars; a bad file is listed with its reason and the rest goes on.

    Args:
        files: path -> SHA-256 of the files to read.
        read: gives a file's content by its path.
        parameters: the study's ingest parameters.
        synthetic: whether the files are embedded samples.

    Returns:
        The pack (``rolls`` uint8 (n, 48, 64), ``roots`` uint8 (n,)), the manifest with one row a
        bar, excluded span or rejected file, and the ingest report.

    Raises:
        DataError: no file gave a single bar, or a bar offset names no file.
    """
    unknown = sorted(set(parameters.bar_offsets_quarters) - set(files))
    if unknown:
        raise DataError(
            "ingest.bar_offsets_quarters",
            "paths of files that are read",
            unknown[0],
            "Correct the path or take it out.",
        )
    batch = _Batch()
    for path in sorted(files):
        offset = parameters.bar_offsets_quarters.get(path, parameters.bar_offset_quarters)
        try:
            songs = [
                (song, cut_song(song, parameters, offset)) for song in read_midi(read(path), path)
            ]
        except DataError as error:
            batch.rejected += 1
            _add_row(batch, path, files[path], path, excluded=str(error))
            continue
        for number, (song, cut) in enumerate(songs):
            _add_song(batch, path, files[path], number, song, cut)
    if not batch.rolls:
        reason, count = Counter(row["excluded"] for row in batch.rows).most_common(1)[0]
        raise DataError(
            "ingest",
            "at least one bar of melody",
            f"only what is left out, mostly ({count} times): {reason}",
            "Look at the files and ingest.track.",
        )
    manifest = pd.DataFrame(batch.rows, columns=COLUMNS_OF_MANIFEST)
    pack = Arrays(
        {"rolls": np.stack(batch.rolls), "roots": np.array(batch.roots, np.uint8)},
        {
            "cells": {"0": "silent", "1": "held", "2": "onset"},
            "shape": [ROWS, COLUMNS],
            "tempo_bpm": batch.tempos[0] if batch.tempos else DEFAULT_TEMPO_BPM,
        },
    )
    return pack, manifest, _report(batch, manifest, synthetic)


def _add_song(batch: _Batch, path: str, sha256: str, number: int, song: Song, cut: CutSong) -> None:
    # Copies of a file are one group, so that no split parts them.
    group = batch.groups.setdefault((sha256, number), song.name)
    if group != song.name:
        batch.copies.append(f"{song.name} is a copy of {group}")
    batch.repairs.update(song.counts)
    batch.sources[cut.root_source] += 1
    batch.grid_errors.append((song.name, *cut.grid_error))
    if song.tempos_bpm:
        batch.tempos.append(song.tempos_bpm[0][1])
    shared = {
        "group": group,
        "grid_error_mean_columns": cut.grid_error[0],
        "grid_error_max_columns": cut.grid_error[1],
    }
    if not cut.bars:
        _add_row(batch, path, sha256, song.name, **shared, excluded="no notes")
    for bar in cut.bars:
        row = -1
        if bar.roll is not None:
            row = len(batch.rolls)
            batch.rolls.append(bar.roll)
            batch.roots.append(bar.root)
        batch.repairs.update({key: bar.counts[key] for key in ("out_of_range", "merged")})
        _add_row(
            batch,
            path,
            sha256,
            song.name,
            **shared,
            bar=bar.number,
            row=row,
            root=bar.root,
            root_source=cut.root_source,
            notes=bar.counts["notes"],
            out_of_range=bar.counts["out_of_range"],
            merged=bar.counts["merged"],
            excluded=bar.excluded,
        )


def _add_row(batch: _Batch, path: str, sha256: str, song: str, **values: Any) -> None:
    row = {
        "item_id": f"{song}:{values.get('bar', 0):04d}",
        "path": path,
        "sha256": sha256,
        "song": song,
        "group": song,
        "source": "",
        "bar": 0,
        "row": -1,
        "root": -1,
        "root_source": "",
        "notes": 0,
        "out_of_range": 0,
        "merged": 0,
        "grid_error_mean_columns": 0.0,
        "grid_error_max_columns": 0.0,
    }
    batch.rows.append(row | values)


def _report(batch: _Batch, manifest: pd.DataFrame, synthetic: bool) -> dict[str, Any]:
    used = manifest[manifest["excluded"] == ""]
    reasons = Counter(manifest["excluded"]) - Counter({"": len(used)})
    distinct = len({roll.tobytes() for roll in batch.rolls})
    notes = []
    if synthetic:
        notes.append(
            "The sample tunes are real melodies in the public domain, written down by hand for "
            "this package; a program only writes them as MIDI files."
        )
    notes += [
        f"{len(used)} bars come from {used['song'].nunique()} songs; {distinct} of them differ.",
        "Chord roots: "
        + ", ".join(f"{count} songs by {name}" for name, count in sorted(batch.sources.items()))
        + ".",
    ]
    notes += [
        f"{batch.repairs[key]} {text}." for key, text in REPAIRS.items() if batch.repairs[key] > 0
    ]
    if batch.grid_errors:
        song, _, worst = max(batch.grid_errors, key=lambda error: error[2])
        mean = sum(error[1] for error in batch.grid_errors) / len(batch.grid_errors)
        notes.append(
            f"Onsets and ends lie {mean:.3f} columns from the grid in the mean of the songs, "
            f"at most {worst:.3f} ({song}); a column is a 64th of a bar."
        )
    warnings = []
    if batch.rejected:
        warnings.append(
            f"{batch.rejected} of {manifest['path'].nunique()} files could not be read."
        )
    if batch.copies:
        warnings.append(
            f"Copies stay on one side of the split, but count twice: {', '.join(batch.copies)}."
        )
    return {
        "counts": {
            "listed": len(manifest),
            "used": len(used),
            "excluded": len(manifest) - len(used),
        },
        "reasons": dict(sorted(reasons.items())),
        "synthetic": synthetic,
        "notes": notes,
        "warnings": warnings,
    }
