"""The page of a rating round loads nothing, runs one known script, and asks for every clip."""

from __future__ import annotations

import base64
import hashlib
import re

import pandas as pd

from fairtrial.evidence.rating_page import render_rating
from fairtrial.evidence.rating_table import ratings_exhibit
from tests.evidence.test_page import EVIL, Reader

SOUNDS = {"clip_01": b"first", "clip_02": b"second"}


def test_only_its_own_script_runs_and_nothing_is_loaded_or_sent() -> None:
    """The policy names the script by its hash, and no address leads elsewhere."""
    page = render_rating("melody", "r1", SOUNDS, 5, synthetic=False)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    seen = Reader(page)
    (policy,) = [
        str(a["content"])
        for _, a in seen.elements
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; media-src data:;")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "form-action 'none'" in policy
    addresses = [a[name] for _, a in seen.elements for name in ("src", "href") if name in a]
    assert addresses
    assert all(str(address).startswith("data:") for address in addresses)


def test_every_clip_must_be_rated_and_the_rater_named() -> None:
    """Each clip has its player and its ratings, all of them required."""
    seen = Reader(render_rating("melody", "r1", SOUNDS, 7, synthetic=False))
    inputs = [attributes for tag, attributes in seen.elements if tag == "input"]
    radios = [a for a in inputs if a.get("type") == "radio"]
    assert [(a["name"], a["value"]) for a in radios] == [
        (clip, str(rating)) for clip in SOUNDS for rating in range(1, 8)
    ]
    assert all("required" in attributes for attributes in inputs)


def test_without_scripts_the_empty_table_is_offered() -> None:
    """The table has the round and every clip, and asks for the rest."""
    seen = Reader(render_rating("melody", "r1", SOUNDS, 5, synthetic=False))
    (table,) = [str(a["href"]) for tag, a in seen.elements if tag == "a"]
    content = base64.b64decode(table.partition(",")[2]).decode()
    assert content == "round,rater,clip,rating\nr1,,clip_01,\nr1,,clip_02,\n"


def test_markup_in_a_name_stays_text() -> None:
    """A study named like a script adds none."""
    seen = Reader(render_rating(EVIL, EVIL, SOUNDS, 5, synthetic=True))
    assert len([tag for tag, _ in seen.elements if tag == "script"]) == 1
    assert not [a for _, a in seen.elements if any(name.startswith("on") for name in a)]


def test_runs_of_an_arm_stand_beside_each_other() -> None:
    """Means over raters by arm and run, with the worst and the best clip."""
    rows = [
        (arm, run, clip, rater, rating)
        for rater, shift in (("ann", 0), ("bob", 1))
        for arm, run, clip, rating in (
            ("two", "run_001", "c1", 3 + shift),
            ("one", "run_000", "c2", 1 + shift),
            ("two", "run_000", "c3", 2 + shift),
            ("two", "run_000", "c4", 4 + shift),
        )
    ]
    ratings = pd.DataFrame(rows, columns=["arm", "run", "clip", "rater", "rating"])
    table = ratings_exhibit(ratings)["table.csv"].decode().splitlines()
    assert table == [
        "arm,run,clips,mean rating,worst clip,best clip",
        "two,run_000,2,3.5,2.5,4.5",
        "two,run_001,1,3.5,3.5,3.5",
        "one,run_000,1,1.5,1.5,1.5",
    ]
