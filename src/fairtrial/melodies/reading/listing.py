"""A folder of music as bars: pack, manifest and a report whose counts reconcile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import COLUMNS, ROWS, Roll
from fairtrial.melodies.reading.bars import Bar, CutSong, cut_song
from fairtrial.melodies.reading.grid_json import read_grid_json
from fairtrial.melodies.reading.ingest_report import report_ingest, song_entry
from fairtrial.melodies.reading.midi import read_midi
from fairtrial.melodies.reading.songs import DEFAULT_TEMPO_BPM, Song

SUFFIXES = (".mid", ".midi", ".kar")
_GRID_SUFFIX = ".json"

# Each column of the manifest with what it holds in a row that is no bar.
_ROW: dict[str, Any] = {
    "item_id": "",
    "path": "",
    "sha256": "",
    "song": "",
    "group": "",
    "source": "",
    "bar": 0,
    "row": -1,
    "root": -1,
    "root_source": "",
    "notes": 0,
    "kept": 0,
    "out_of_range": 0,
    "merged": 0,
    "grid_error_mean_columns": 0.0,
    "grid_error_max_columns": 0.0,
    "excluded": "",
}


@dataclass
class _Batch:
    """What has been gathered so far."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rolls: list[Roll] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    songs: list[dict[str, Any]] = field(default_factory=list)
    rejected: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, int], str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)


def choose_files(paths: list[str], patterns: tuple[str, ...], where: str) -> list[str]:
    """Listed paths that match any pattern, or else every MIDI file by its suffix, in order.

    Raises:
        DataError: a pattern matches none, or there is no MIDI file.
    """
    if not patterns:
        chosen = {path for path in paths if PurePosixPath(path).suffix.lower() in SUFFIXES}
        if not chosen:
            rule = f"a file with one of the suffixes {', '.join(SUFFIXES)}"
            seen = f"none among {len(paths)} files"
            raise DataError(where, rule, seen, "Correct the folder, or name them in ingest.files.")
        return sorted(chosen)
    chosen = set()
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


def read_songs(data: bytes, path: str, ingest: Ingest) -> list[Song]:
    """Songs of a file: chorales on a grid where its suffix is .json, MIDI otherwise.

    Raises:
        DataError: naming the file, the place and the reason; also where there is no song.
    """
    if PurePosixPath(path).suffix.lower() == _GRID_SUFFIX:
        songs = read_grid_json(data, path, ingest.steps_per_quarter)
    else:
        songs = read_midi(data, path)
    if not songs:
        raise DataError(path, "a song", "none", "Take the file out of the folder.")
    return songs


def read_folder(
    files: Mapping[str, str],
    read: Callable[[str], bytes],
    parameters: Ingest,
    *,
    synthetic: bool,
    passed_over: int = 0,
) -> tuple[Arrays, pd.DataFrame, dict[str, Any]]:
    """Read files into bars; a bad file is listed with its reason and the rest goes on.

    Args:
        files: path -> SHA-256 of the files to read.
        read: gives a file's content by its path.
        parameters: the study's ingest parameters.
        synthetic: whether the files are embedded samples.
        passed_over: files of the folder that were not asked for.

    Returns:
        The pack (``rolls`` uint8 (n, 48, 64), ``roots`` uint8 (n,)), the manifest with one row a
        bar, excluded span or rejected file, and the ingest report.

    Raises:
        DataError: no file gave a single bar, or a bar offset names no file.
    """
    _check_offsets(parameters, files)
    batch = _Batch()
    for path in sorted(files):
        try:
            songs = [
                (song, cut_song(song, parameters))
                for song in read_songs(read(path), path, parameters)
            ]
        except DataError as error:
            batch.rejected[path] = str(error)
            _add_row(batch, path, files[path], path, excluded=str(error))
            continue
        for number, (song, cut) in enumerate(songs):
            _add_song(batch, files[path], number, song, cut)
    if not batch.rolls:
        reasons = [str(row["excluded"]).removeprefix(f"{row['path']}: ") for row in batch.rows]
        reason, count = Counter(reasons).most_common(1)[0]
        first = str(batch.rows[reasons.index(reason)]["excluded"]).rstrip(".")
        raise DataError(
            "ingest",
            "at least one bar of melody",
            f"only what is left out, mostly ({count} of {len(reasons)}): {first}",
            "Look at the files and ingest.track.",
        )
    manifest = pd.DataFrame(batch.rows, columns=list(_ROW))
    report = report_ingest(
        manifest,
        batch.songs,
        batch.rejected,
        batch.copies,
        batch.rolls,
        passed_over=passed_over,
        synthetic=synthetic,
    )
    return _pack(batch), manifest, report


def _check_offsets(parameters: Ingest, files: Mapping[str, str]) -> None:
    unknown = sorted(set(parameters.bar_offsets_quarters) - set(files))
    if unknown:
        raise DataError(
            "ingest.bar_offsets_quarters",
            "paths of files that are read",
            unknown[0],
            "Correct the path or take it out.",
        )


def _pack(batch: _Batch) -> Arrays:
    """Rolls and roots, and the first tempo that a song states."""
    tempos = [song["tempo_bpm"] for song in batch.songs if song["tempo_bpm"] is not None]
    return Arrays(
        {"rolls": np.stack(batch.rolls), "roots": np.array(batch.roots, np.uint8)},
        {
            "cells": {"0": "silent", "1": "held", "2": "onset"},
            "shape": [ROWS, COLUMNS],
            "tempo_bpm": tempos[0] if tempos else DEFAULT_TEMPO_BPM,
        },
    )


def _add_song(batch: _Batch, sha256: str, number: int, song: Song, cut: CutSong) -> None:
    # Copies of a file are one group, so that no split parts them.
    group = batch.groups.setdefault((sha256, number), song.name)
    if group != song.name:
        batch.copies[song.name] = group
    batch.songs.append(song_entry(song, cut))
    shared = {
        "group": group,
        "grid_error_mean_columns": cut.grid_error[0],
        "grid_error_max_columns": cut.grid_error[1],
    }
    if not cut.bars:
        _add_row(batch, song.path, sha256, song.name, **shared, excluded="no notes")
    for bar in cut.bars:
        values = {**shared, **_bar_values(bar), "root_source": cut.root_source}
        if bar.roll is not None:
            values["row"] = len(batch.rolls)
            batch.rolls.append(bar.roll)
            batch.roots.append(bar.root)
        _add_row(batch, song.path, sha256, song.name, **values)


def _bar_values(bar: Bar) -> dict[str, Any]:
    counts = {key: bar.counts[key] for key in ("notes", "kept", "out_of_range", "merged")}
    return {"bar": bar.number, "root": bar.root, "excluded": bar.excluded, **counts}


def _add_row(batch: _Batch, path: str, sha256: str, song: str, **values: Any) -> None:
    head = {
        "item_id": f"{song}:{values.get('bar', 0):04d}",
        "path": path,
        "sha256": sha256,
        "song": song,
        "group": song,
    }
    batch.rows.append({**_ROW, **head, **values})
