"""The report of an ingest: every file, song and note read is kept, or dropped for a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.text import count_text, list_text
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.reading.bars import CutSong
from fairtrial.melodies.reading.songs import Song

NOT_MELODY = "not of the melody"
DROPPED = {
    NOT_MELODY: "of other parts than the melody",
    "drums": "drums",
    "zero_length": "of zero length",
    "out_of_range": "outside the 48 rows",
    "merged": "in one column with another of their pitch",
}
REPAIRS = {
    "hanging": "hanging notes closed at the end of their track",
    "overlaps": "notes struck again while they sounded",
    "unmatched_off": "note-offs without a note ignored",
    "unknown_events": "events of unknown kinds ignored",
    "unknown_chunks": "chunks of unknown kinds passed over",
    "undeclared_tracks": "tracks beyond the declared number passed over",
    "trailing_bytes": "bytes after the last track passed over",
    "events_after_end": "events after the end of their track ignored",
    "shortened": "notes cut by the next note of their pitch",
    "lengthened": "notes of less than a column drawn as one",
    "folded": "notes moved by octaves into the 48 rows",
    "held_out_of_range": "held parts of notes outside the rows of a later chord",
    "held_left_out": "held parts of notes in what was left out",
}

_LISTED = 5  # names in a sentence


def song_entry(song: Song, cut: CutSong) -> dict[str, Any]:
    """What is reported of one song; its counts reconcile.

    ``notes_read`` = ``notes_kept`` + the sum of ``notes_dropped``, whose keys are those of
    `DROPPED`, `NOT_MELODY` and the reasons for which bars are excluded.
    """
    dropped = Counter(song.dropped)
    dropped[NOT_MELODY] += cut.other_parts
    repairs = Counter(song.repairs)
    left_out: Counter[str] = Counter()
    used = 0
    for bar in cut.bars:
        if bar.excluded:
            left_out[bar.excluded] += bar.bars
            dropped[bar.excluded] += bar.counts["notes"]
            repairs["held_left_out"] += bar.counts["held_left_out"]
            continue
        used += 1
        for key in ("out_of_range", "merged"):
            dropped[key] += bar.counts[key]
        for key in ("shortened", "lengthened", "folded", "held_out_of_range"):
            repairs[key] += bar.counts[key]
    metres = [f"{metre.beats}/{metre.unit}" for metre in song.metres]
    return {
        "song": song.name,
        "file": song.path,
        "track": cut.part.track if song.notes else None,
        "channel": (cut.part.channel or None) if song.notes else None,
        "track_chosen": cut.part_why,
        "root_source": cut.root_source,
        "tempo_bpm": song.tempos_bpm[0][1] if song.tempos_bpm else None,
        "tempo_changes": max(len(song.tempos_bpm) - 1, 0),
        "metres": list(dict.fromkeys(metres)),
        "bars_used": used,
        "bars_left_out": dict(sorted(left_out.items())),
        "grid_error_mean_columns": cut.grid_error[0],
        "grid_error_max_columns": cut.grid_error[1],
        "notes_read": len(song.notes) + song.dropped.total(),
        "notes_kept": sum(bar.counts["kept"] for bar in cut.bars),
        "notes_dropped": dict(sorted((+dropped).items())),
        "repairs": dict(sorted((+repairs).items())),
    }


def report_ingest(
    manifest: pd.DataFrame,
    songs: Sequence[Mapping[str, Any]],
    rejected: Mapping[str, str],
    copies: Mapping[str, str],
    rolls: Sequence[Roll],
    *,
    passed_over: int,
    synthetic: bool,
) -> dict[str, Any]:
    """Counts, reasons, sentences, and the songs one by one.

    Args:
        manifest: one row a bar, excluded span or rejected file.
        songs: a `song_entry` each.
        rejected: file -> why it could not be read.
        copies: song -> the equal one before it.
        rolls: the bars used.
        passed_over: files of the folder that were not asked for.
        synthetic: whether the files are embedded samples.
    """
    used = manifest[manifest["excluded"] == ""]
    reasons = Counter(manifest["excluded"]) - Counter({"": len(used)})
    listed = int(manifest["path"].nunique())
    dropped: Counter[str] = sum((Counter(song["notes_dropped"]) for song in songs), Counter())
    repairs: Counter[str] = sum((Counter(song["repairs"]) for song in songs), Counter())
    report = {
        "counts": {
            "listed": len(manifest),
            "used": len(used),
            "excluded": len(manifest) - len(used),
        },
        "reasons": dict(sorted(reasons.items())),
        "files": {"listed": listed, "read": listed - len(rejected), "rejected": len(rejected)},
        "rejected": dict(rejected),
        "note_counts": {
            "read": sum(song["notes_read"] for song in songs),
            "kept": sum(song["notes_kept"] for song in songs),
            "dropped": dict(sorted(dropped.items())),
        },
        "repairs": dict(sorted(repairs.items())),
        "songs": list(songs),
        "synthetic": synthetic,
    }
    distinct = len({roll.tobytes() for roll in rolls})
    notes = _sentences(report, int(used["song"].nunique()), distinct, passed_over)
    return {**report, "notes": notes, "warnings": _warnings(report, copies)}


def _sentences(
    report: Mapping[str, Any], songs_used: int, distinct: int, passed_over: int
) -> list[str]:
    """What a reader of the page must know of the tunes; the table of tunes tells the rest."""
    told = []
    if report["synthetic"]:
        told.append(
            "The sample tunes are real melodies in the public domain, written down by hand for "
            "this package; a program only writes them as MIDI files."
        )
    if passed_over:
        told.append(f"Files in the folder that were not asked for: {passed_over}.")
    bars, notes = report["counts"]["used"], report["note_counts"]
    told.append(
        f"{count_text(bars, 'bar')} come from {count_text(songs_used, 'song')}; {distinct} of "
        f"them differ. Of {notes['read']:,} notes read {notes['kept']:,} stand in these bars."
    )
    return told


def _warnings(report: Mapping[str, Any], copies: Mapping[str, str]) -> list[str]:
    told = []
    if report["rejected"]:
        files = report["files"]
        told.append(
            f"{files['rejected']} of {files['listed']} files could not be read: "
            f"{_some(list(report['rejected']))}."
        )
    if copies:
        pairs = [f"{song} is a copy of {first}" for song, first in copies.items()]
        told.append(f"Copies stay on one side of the split, but count twice: {_some(pairs)}.")
    used = [song for song in report["songs"] if song["bars_used"]]
    rootless = [song["song"] for song in used if song["root_source"] == "none"]
    if rootless:
        told.append(f"No chord was found, so the root is taken to be C: {_some(rootless)}.")
    return told


def _some(names: Sequence[str]) -> str:
    """The first names of many."""
    more = len(names) - _LISTED
    return list_text(names) if more <= 0 else f"{', '.join(names[:_LISTED])} and {more} more"
