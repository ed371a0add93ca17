"""Ratings that people gave to anonymous clips, joined with the key that says whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.text import count_text, list_text
from fairtrial.statistics.csv_lines import read_lines

KEY = "rating_key.csv"

_RATER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,29}")
_KEY_COLUMNS = ("round", "clip", "arm", "run", "highest", "synthetic")
_COLUMNS = ("round", "rater", "clip", "rating")


@dataclass(frozen=True)
class _Key:
    """A round: its number, the highest rating, and clip -> arm and run."""

    number: str
    highest: int
    synthetic: bool
    clips: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _Rating:
    """One rating, and where it stands."""

    place: str
    path: str
    line: int
    rater: str
    clip: str
    value: int


def read_ratings(
    contents: Mapping[str, bytes], where: str, arms: Sequence[str], *, synthetic: bool
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the ratings of one round.

    Args:
        contents: name -> CSV file: the key, `KEY`, and the ratings (round, rater, clip, rating) of
            one rater or several in each of the others.
        where: the folder, for messages.
        arms: the study's arms; clips of others are left out and counted.
        synthetic: whether the ratings were simulated.

    Returns:
        The manifest, one row a rating (item_id, path, sha256 of the file, row = line number, arm,
        block = rater, value, group = run, source = clip, excluded), and the ingest report.

    Raises:
        DataError: naming file and line of the first fault: no key or no ratings, another round, an
            unknown clip, a rating that is no whole number in range, a clip that a rater rated
            twice or not at all, an arm without clips.
    """
    if KEY not in contents:
        raise DataError(
            where,
            f"{KEY}, the key of the rating round",
            list_text(sorted(contents)) or "no CSV file",
            f"Copy it from the workspace: 07_model_output/STUDY/{KEY}/VERSION/{KEY}.",
        )
    key = _read_key(contents[KEY])
    rated = sorted({arm for arm, _ in key.clips.values()})
    for arm in arms:
        if arm not in rated:
            raise DataError(
                KEY,
                f"clips of arm {arm}",
                f"clips of {list_text(rated)}",
                "Compare arms that were rated.",
            )
    names = sorted(set(contents) - {KEY})
    ratings = [rating for name in names for rating in _read_file(contents[name], name, key)]
    if not ratings:
        raise DataError(where, "a CSV file of ratings", f"only {KEY}", "Put the ratings beside it.")
    _check_once_each(ratings, key)
    manifest = _manifest(ratings, key, arms)
    hashes = {name: sha256_bytes(contents[name]) for name in names}
    manifest["sha256"] = manifest["path"].map(hashes)
    return manifest, _report(manifest, key, synthetic or key.synthetic)


def _manifest(ratings: Sequence[_Rating], key: _Key, arms: Sequence[str]) -> pd.DataFrame:
    """One row a rating, in the study's order of arms; those of other arms at the end."""
    order = {arm: place for place, arm in enumerate(arms)}
    rows: list[dict[str, Any]] = []
    for rating in ratings:
        arm, run = key.clips[rating.clip]
        rows.append(
            {
                "item_id": f"{rating.rater}__{rating.clip}",
                "path": rating.path,
                "row": rating.line,
                "arm": arm,
                "block": rating.rater,
                "value": float(rating.value),
                "group": run,
                "source": rating.clip,
                "excluded": "" if arm in order else "arm not compared",
            }
        )
    rows.sort(key=lambda row: order.get(row["arm"], len(order)))
    return pd.DataFrame(rows)


def _read_key(content: bytes) -> _Key:
    lines = read_lines(content, KEY)
    rows = _by_name(lines.header or [], [row for _, row in lines.rows], _KEY_COLUMNS, KEY)
    clips = {row["clip"]: (row["arm"], row["run"]) for row in rows}
    shared = {(row["round"], row["highest"], row["synthetic"]) for row in rows}
    number, highest, synthetic = next(iter(shared))
    sound = highest.isdecimal() and synthetic in ("True", "False")
    if len(clips) != len(rows) or len(shared) != 1 or not sound:
        raise DataError(
            KEY, "the key of one round, as it was written", "an altered one", "Copy it again."
        )
    return _Key(number, int(highest), synthetic == "True", clips)


def _by_name(
    header: list[str], rows: list[list[str]], columns: Sequence[str], name: str
) -> list[dict[str, str]]:
    missing = [column for column in columns if header.count(column) != 1]
    if missing:
        raise DataError(
            name,
            f"the columns {', '.join(columns)}, separated by commas",
            f"no single column {missing[0]} among {', '.join(header)}",
            "Send the file as the page wrote it.",
        )
    return [{column: row[header.index(column)].strip() for column in columns} for row in rows]


def _read_file(content: bytes, name: str, key: _Key) -> list[_Rating]:
    lines = read_lines(content, name)
    rows = _by_name(lines.header or [], [row for _, row in lines.rows], _COLUMNS, name)
    return [
        _rating(row, name, number, key) for (number, _), row in zip(lines.rows, rows, strict=True)
    ]


def _rating(row: Mapping[str, str], name: str, line: int, key: _Key) -> _Rating:
    place = f"{name}, line {line}"
    if row["round"] != key.number:
        raise DataError(
            place,
            f"ratings of round {key.number}",
            f"round {row['round']}",
            f"Keep each round in a folder of its own, with its own {KEY}.",
        )
    if not _RATER.fullmatch(row["rater"]):
        raise DataError(
            place,
            "a rater's name: a letter, then up to 29 letters, digits, _ or -",
            repr(row["rater"]),
            "Fill it in.",
        )
    if row["clip"] not in key.clips:
        raise DataError(
            place, "a clip of the round", repr(row["clip"]), "Send the file as the page wrote it."
        )
    if not row["rating"].isdecimal() or not 1 <= int(row["rating"]) <= key.highest:
        raise DataError(
            f"{place}, {row['clip']}",
            f"a rating, a whole number from 1 to {key.highest}",
            repr(row["rating"]) if row["rating"] else "an empty cell",
            "Ask the rater; a rating that was not given is never filled in.",
        )
    return _Rating(place, name, line, row["rater"], row["clip"], int(row["rating"]))


def _check_once_each(ratings: Sequence[_Rating], key: _Key) -> None:
    """Every rater has rated every clip of the round, once."""
    first: dict[tuple[str, str], str] = {}
    for rating in ratings:
        before = first.setdefault((rating.rater, rating.clip), rating.place)
        if before != rating.place:
            raise DataError(
                rating.place,
                f"one rating of {rating.clip} by {rating.rater}",
                f"another one in {before}",
                "Take one file out, or rename one rater if these are two people.",
            )
    for rater in dict.fromkeys(rating.rater for rating in ratings):
        unrated = [clip for clip in key.clips if (rater, clip) not in first]
        if unrated:
            raise DataError(
                f"ratings of {rater}",
                f"ratings of all {len(key.clips)} clips",
                f"none of {list_text(unrated)}",
                "Ask the rater for the rest, or take the ratings of this rater out.",
            )


def _report(manifest: pd.DataFrame, key: _Key, synthetic: bool) -> dict[str, Any]:
    used = manifest[manifest["excluded"] == ""]
    left_out = len(manifest) - len(used)
    raters = count_text(used["block"].nunique(), "rater")
    each = used.groupby("arm", sort=False).agg(
        clips=("source", "nunique"), runs=("group", "nunique")
    )
    told = [
        f"{count_text(int(row.clips), 'clip')} of {arm} from {count_text(int(row.runs), 'run')}"
        for arm, row in each.iterrows()
    ]
    flat = [str(name) for name, values in used.groupby("block")["value"] if values.nunique() == 1]
    warnings = [f"{list_text(flat)} gave all clips one rating."] if flat else []
    return {
        "counts": {"listed": len(manifest), "used": len(used), "excluded": left_out},
        "reasons": {"arm not compared": left_out} if left_out else {},
        "synthetic": synthetic,
        "notes": [
            f"{raters} rated, from 1 to {key.highest}, {list_text(told)}, without knowing whose "
            "they were. A block is a rater: a value is the mean of one rater's ratings of an arm, "
            "because several ratings by one person are not independent of each other.",
            "All raters heard the same clips. The verdict generalises to other raters, and not to "
            "other clips or runs.",
        ],
        "warnings": warnings,
    }
