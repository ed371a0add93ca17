"""The table of what was read."""

from __future__ import annotations

import io

import pandas as pd

from fairtrial.core.hashing import sha256_bytes
from fairtrial.melodies.exhibits.tunes import tunes_exhibit
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.listing import read_folder
from tests.melodies.midi_files import metre, midi, off, on


def shown(files: dict[str, bytes]) -> tuple[pd.DataFrame, pd.DataFrame]:
    hashes = {name: sha256_bytes(data) for name, data in files.items()}
    _, _, report = read_folder(hashes, files.__getitem__, Ingest(), synthetic=False)
    exhibit = tunes_exhibit(report)
    table = pd.read_csv(io.BytesIO(exhibit["table.csv"]), keep_default_na=False)
    return table, pd.read_csv(io.BytesIO(exhibit["data.csv"]))


def test_the_table_sums_to_what_was_read() -> None:
    """Files, bars and notes of the table reconcile, and every song is a row of the data."""
    low = [on(20), off(20, 480)]
    waltz = [metre(3, 4), on(60), off(60, 480), *low]
    drum = [on(40, channel=9), off(40, 480, channel=9)]
    files = {
        "a_C.mid": midi([on(60), off(60, 470), on(62), off(62), *low], drum),
        "b_G.mid": midi(waltz),
        "c.mid": b"MThd",
    }
    table, data = shown(files)
    number = table.set_index(["of", "what"])["number"]
    assert number["files", "read"] + number["files", "not readable"] == 3
    assert number["songs", "found in them"] == len(data) == 2
    assert number["bars", "left out: metre 3/4"] == 1
    notes = number["notes"]
    assert notes["read"] == notes.drop("read").sum()
    assert notes.to_dict() == {
        "read": 6,
        "kept": 1,
        "left out: metre 3/4": 2,
        "drums": 1,
        "of zero length": 1,
        "outside the 48 rows": 1,
    }
    assert number["chord root", "by file name"] == 2
    assert data["notes_dropped"].tolist()[1] == "metre 3/4: 2"
