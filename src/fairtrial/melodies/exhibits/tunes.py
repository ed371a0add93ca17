"""What was read: files, songs, bars and notes, and why the others are not among the bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import fmean
from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import count_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.melodies.reading.ingest_report import DROPPED, REPAIRS


def tunes_exhibit(report: Mapping[str, Any]) -> Files:
    """The ledger of the ingest as a table; every song in the data behind it.

    Args:
        report: of the ingest, with ``songs``, ``files``, ``note_counts`` and ``repairs``.
    """
    songs = pd.DataFrame(report["songs"])
    left_out = _summed(report, "bars_left_out")
    rows = [
        ("files", "read", report["files"]["read"]),
        ("files", "not readable", report["files"]["rejected"]),
        ("songs", "found in them", len(songs)),
        *(("melody", why, n) for why, n in _told(songs["track_chosen"])),
        *(("chord root", f"by {_plain(name)}", n) for name, n in _told(songs["root_source"])),
        ("bars", "used", int(songs["bars_used"].sum())),
        *(("bars", f"left out: {reason}", n) for reason, n in left_out.most_common()),
        ("notes", "read", report["note_counts"]["read"]),
        ("notes", "kept", report["note_counts"]["kept"]),
        *(("notes", _reason(key), n) for key, n in _dropped(report)),
        *(("mended", REPAIRS[key], n) for key, n in report["repairs"].items()),
    ]
    table = pd.DataFrame(
        [row for row in rows if row[2] or row[1] in ("read", "used", "kept")],
        columns=["of", "what", "number"],
    )
    return exhibit("Tunes", _caption(report), data=_flat(songs), table=table)


def _caption(report: Mapping[str, Any]) -> str:
    counts, songs = report["note_counts"], report["songs"]
    caption = (
        f"{counts['kept']:,} of {counts['read']:,} notes of {count_text(len(songs), 'song')} stand "
        "in the bars; the table says where the others went. "
    )
    worst = max(songs, key=lambda song: song["grid_error_max_columns"])
    most = worst["grid_error_max_columns"]
    if most == 0:
        return caption + "Every onset and end lies on the grid of 16 columns a quarter."
    mean = fmean(song["grid_error_mean_columns"] for song in songs if song["bars_used"])
    return caption + (
        "Onsets and ends were moved to the grid of 16 columns a quarter: by "
        f"{number_text(mean, 2)} columns in the mean of the songs, at most by "
        f"{number_text(most, 2)} ({worst['song']}). "
        "The data holds each song's part, chord source, metres, losses and error."
    )


def _told(column: pd.Series) -> list[tuple[str, int]]:
    return [(str(name), int(n)) for name, n in column.value_counts().items()]


def _summed(report: Mapping[str, Any], key: str) -> Counter[str]:
    return sum((Counter(song[key]) for song in report["songs"]), Counter())


def _dropped(report: Mapping[str, Any]) -> list[tuple[str, int]]:
    return Counter(report["note_counts"]["dropped"]).most_common()


def _reason(key: str) -> str:
    return DROPPED.get(key, f"left out: {key}")


def _plain(name: str) -> str:
    return "nothing: C is assumed" if name == "none" else name.replace("_", " ")


def _flat(songs: pd.DataFrame) -> pd.DataFrame:
    """Mappings and lists as text, so that a song is a row of a CSV."""
    flat = songs.copy()
    for name in ("bars_left_out", "notes_dropped", "repairs"):
        flat[name] = [
            "; ".join(f"{key}: {n}" for key, n in counts.items()) for counts in songs[name]
        ]
    flat["metres"] = [" ".join(metres) for metres in songs["metres"]]
    return flat
