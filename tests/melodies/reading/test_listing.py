"""Folders of MIDI files as bars, manifest and report; and their split by song."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Arrays
from fairtrial.core.study import split_name
from fairtrial.evidence.report import check_report
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.listing import choose_files, read_folder
from fairtrial.melodies.samples import TUNES, draw_samples
from fairtrial.melodies.splits import rows_of, split_by_song
from tests.melodies.midi_files import metre, midi, off, on

Read = tuple[Arrays, pd.DataFrame, dict[str, Any]]


def read_path(folder: Path, **parameters: object) -> Read:
    values = Ingest.model_validate(parameters)
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    chosen = choose_files(paths, values.files, str(folder))
    files = {path: sha256_bytes((folder / path).read_bytes()) for path in chosen}
    return read_folder(files, lambda p: (folder / p).read_bytes(), values, synthetic=False)


def read_samples() -> Read:
    return read_files(draw_samples(), synthetic=True)


def read_files(files: dict[str, bytes], *, synthetic: bool = False) -> Read:
    hashes = {name: sha256_bytes(content) for name, content in files.items()}
    return read_folder(hashes, files.__getitem__, Ingest(), synthetic=synthetic)


def reconcile(manifest: pd.DataFrame, report: dict[str, Any], pack: Arrays) -> None:
    counts, reasons = report["counts"], report["reasons"]
    check_report(report)
    files, notes = report["files"], report["note_counts"]
    assert files["listed"] == files["read"] + files["rejected"] == manifest["path"].nunique()
    assert notes["read"] == notes["kept"] + sum(notes["dropped"].values())
    assert notes["kept"] == manifest["kept"].sum()
    for song in report["songs"]:
        assert song["notes_read"] == song["notes_kept"] + sum(song["notes_dropped"].values())
    assert set(counts) == {"listed", "used", "excluded"}
    assert counts["listed"] == counts["used"] + counts["excluded"] == len(manifest)
    assert counts["excluded"] == sum(reasons.values())
    left_out = manifest.loc[manifest["excluded"] != "", "excluded"]
    assert reasons == left_out.value_counts().to_dict()
    used = manifest[manifest["excluded"] == ""]
    assert used["row"].tolist() == list(range(len(pack["rolls"]))) == list(range(counts["used"]))
    assert manifest["item_id"].is_unique


def test_sample_tunes_are_read_as_they_were_written() -> None:
    """Every tune gives all its bars, over the chords that were written, nothing lost."""
    pack, manifest, report = read_samples()
    reconcile(manifest, report, pack)
    assert len(TUNES) >= 12
    assert manifest["song"].nunique() == len(TUNES)
    assert report["counts"]["excluded"] == 0
    assert report["warnings"] == []
    assert report["repairs"] == report["note_counts"]["dropped"] == {}
    assert set(manifest["root_source"]) == {"marker"}
    assert report["synthetic"] is True
    assert "public domain, written down by hand" in report["notes"][0]
    assert manifest["grid_error_max_columns"].max() == 0
    assert min(manifest.groupby("song").size()) >= 8


def test_sample_tunes_are_the_same_bytes_every_time() -> None:
    """Samples hold nothing random."""
    assert draw_samples() == draw_samples()


def test_a_batch_goes_on_past_bad_files_and_lists_them() -> None:
    """A damaged file is a row of its own with its reason; the others are read."""
    good = midi([on(60), off(60, 480)])
    files = {"a_C.mid": good, "b.mid": good[:30], "c.mid": midi([])}
    pack, manifest, report = read_files(files)
    reconcile(manifest, report, pack)
    rejected = [reason for reason in report["reasons"] if reason.startswith("b.mid")]
    assert report["reasons"] == {rejected[0]: 1, "no notes": 1}
    assert report["warnings"] == ["1 of 3 files could not be read: b.mid."]
    assert list(report["rejected"]) == ["b.mid"]


def test_every_reason_is_counted_not_only_bad_files() -> None:
    """Spans of another metre and silent bars stand in the report as often as in the manifest."""
    waltz = midi([metre(3, 4), on(60), off(60, 480)])
    gap = midi([on(60), off(60, 480), on(60, 9 * 480), off(60, 480)])
    pack, manifest, report = read_files({"waltz_C.mid": waltz, "gap_C.mid": gap})
    reconcile(manifest, report, pack)
    assert report["reasons"] == {"metre 3/4": 1, "silent": 1}


def test_a_folder_without_a_single_bar_is_an_error() -> None:
    """No bar at all stops the study with the first reason."""
    with pytest.raises(DataError, match=r"at least one bar .* mostly \(1 of 1\): a.mid"):
        read_folder({"a.mid": "0"}, lambda _: b"no music", Ingest(), synthetic=False)


def test_patterns_must_match_and_offsets_must_name_files() -> None:
    """A pattern or an offset that fits nothing is a mistake, not an empty choice."""
    assert choose_files(["b.mid", "x/a.mid", "c.txt"], ("*.mid",), "raw") == ["b.mid", "x/a.mid"]
    paths = ["b.MID", "x/a.midi", "y.kar", "c.txt", "songs.json"]
    assert choose_files(paths, (), "raw") == ["b.MID", "x/a.midi", "y.kar"]
    with pytest.raises(DataError, match=r"suffixes .mid, .midi, .kar, found none among 1 files"):
        choose_files(["a.wav"], (), "raw")
    with pytest.raises(DataError, match=r"a file that matches '\*\.kar'"):
        choose_files(["a.mid"], ("*.mid", "*.kar"), "raw")
    with pytest.raises(DataError, match="paths of files that are read"):
        read_folder(
            {"a.mid": "0"},
            lambda _: b"",
            Ingest(bar_offsets_quarters={"b.mid": 1.0}),
            synthetic=False,
        )


def test_the_papers_two_files_have_exactly_55_bars(real_data: Path) -> None:
    """8 + 47 bars, roots from the file names, all of them distinct."""
    pack, manifest, report = read_path(
        real_data / "midi" / "bitaraes" / "paper_2022_01",
        files=("part_X_manual_2_C.mid", "part_X_manual_3_C.mid"),
    )
    reconcile(manifest, report, pack)
    assert manifest.groupby("song").size().tolist() == [8, 47]
    assert pack["rolls"].shape == (55, 48, 64)
    assert set(manifest["root_source"]) == {"file_name"}
    assert set(pack["roots"]) == {0}


@pytest.mark.parametrize("folder", ["bad", "openewld", "nottingham"])
def test_counts_of_real_folders_reconcile(real_data: Path, folder: str) -> None:
    """Whatever the files are like, every bar, span and file is accounted for."""
    pack, manifest, report = read_path(real_data / "midi" / folder)
    reconcile(manifest, report, pack)
    assert (pack["rolls"].reshape(len(pack["rolls"]), -1).max(axis=1) > 0).all()


def test_a_split_keeps_songs_whole_and_is_shared_by_all_runs() -> None:
    """No song is on both sides, every bar has a side, and every run has the same ones."""
    _, manifest, _ = read_samples()
    splits = split_by_song(manifest, 0.3, np.random.default_rng(0))
    merged = splits.merge(manifest, on="item_id")
    assert (merged.groupby("song")["role"].nunique() == 1).all()
    assert {split_name("run_000"), split_name("run_001")} == set(splits["block"])
    train, test = rows_of(manifest, splits, "train"), rows_of(manifest, splits, "test")
    assert sorted([*train, *test]) == list(range(len(manifest)))
    assert 0.3 <= len(test) / len(manifest) < 0.45


def test_copies_of_a_file_never_cross_the_split() -> None:
    """Files of equal content are one group, however the songs are drawn, and are told."""
    files = draw_samples()
    files["ode_again.mid"] = files["ode_to_joy.mid"]
    _, manifest, report = read_files(files)
    for seed in range(30):
        merged = split_by_song(manifest, 0.3, np.random.default_rng(seed)).merge(manifest)
        assert merged[merged["song"].str.startswith("ode")]["role"].nunique() == 1
    assert "ode_to_joy.mid is a copy of ode_again.mid" in report["warnings"][0]


def test_nothing_is_held_out_where_nothing_is_asked() -> None:
    """A share of 0 trains on every bar, as the paper does."""
    _, manifest, _ = read_samples()
    splits = split_by_song(manifest, 0.0, np.random.default_rng(0))
    assert set(splits["role"]) == {"train"}


def test_a_single_song_cannot_be_split() -> None:
    """A reference needs a second song."""
    files = {"a_C.mid": midi([on(60), off(60, 480)])}
    _, manifest, _ = read_files(files)
    with pytest.raises(DataError, match="songs left to train on"):
        split_by_song(manifest, 0.3, np.random.default_rng(0))
