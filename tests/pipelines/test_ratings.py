"""A rating round from its clips over simulated raters to a verdict, through Kedro."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Rating
from fairtrial.melodies.piano_roll import Cell, draw_roll
from fairtrial.melodies.rating import Round, draw_round
from fairtrial.pipelines.evaluate.scores import create_scores_pipeline as evaluate
from fairtrial.pipelines.ingest.scores import create_scores_pipeline as ingest
from fairtrial.statistics.parameters import ScoresIngest, VerdictParameters
from fairtrial.statistics.ratings import KEY
from tests.pipelines.test_scores import Folder, run

BARS = np.stack([draw_roll([Cell(20 + bar, 0, 32)])[0] for bar in range(8)])
STUDY = Study(
    name="melody_ratings",
    kind="scores",
    arms=("original", "augmented", "real_bars"),
    design="blocked",
    primary_metric="mean_rating",
)


@pytest.fixture(scope="module")
def drawn() -> Round:
    runs = {arm: {f"run_{i:03d}": BARS for i in range(2)} for arm in ("original", "augmented")}
    settings = Rating(clips=2, bars=1)
    return draw_round(runs, BARS, settings, 240, np.random.default_rng(0), synthetic=False)


def simulate(drawn: Round, liking: dict[str, int], raters: int = 12) -> dict[str, bytes]:
    """Raters of different strictness who like the clips of an arm so much, give or take one."""
    files = {KEY: drawn.key.to_csv(index=False).encode()}
    for number in range(raters):
        generator = np.random.default_rng(number)
        strictness = generator.integers(-1, 2)
        lines = ["round,rater,clip,rating"]
        for row in drawn.key.itertuples():
            rating = 3 + strictness + liking[str(row.arm)] + generator.integers(-1, 2)
            lines.append(f"{drawn.number},rater{number},{row.clip},{np.clip(rating, 1, 5)}")
        files[f"rater{number}.csv"] = "\n".join(lines).encode()
    return files


def judged(files: dict[str, bytes]) -> dict[str, Any]:
    groups = {
        "ingest": ScoresIngest(ratings="round", synthetic=True),
        "evaluate": VerdictParameters(),
    }
    nodes = ingest(STUDY, groups) + evaluate(STUDY, groups)
    data = {"raw": Folder(files), "lineage": {}}
    return run(nodes, data | {f"params:{name}": values for name, values in groups.items()})


def test_raters_are_blocks_whose_ratings_are_averaged(drawn: Round) -> None:
    """Twelve raters of six clips are twelve values an arm, each of two clips."""
    made = judged(simulate(drawn, {"original": 0, "augmented": 0, "real_bars": 0}))
    scores = made["scores"]
    assert len(scores) == 12 * 3
    assert scores["block"].nunique() == 12
    assert (scores["n_items"] == 2).all()
    assert scores["higher_is_better"].all()
    assert scores["value"].isin(np.arange(1, 5.5, 0.5)).all()


def test_a_preference_that_is_there_is_found_and_one_that_is_not_is_not(drawn: Round) -> None:
    """The planted order of arms comes back; raters who like all arms alike show no difference."""
    liked = judged(simulate(drawn, {"original": -1, "augmented": 0, "real_bars": 1}))["verdict"]
    assert liked["outcome"] == "differ"
    assert liked["ranking"] == ["real_bars", "augmented", "original"]
    alike = judged(simulate(drawn, dict.fromkeys(STUDY.arms, 0)))["verdict"]
    assert alike["outcome"] != "differ"


def test_simulated_ratings_are_marked_on_the_page(drawn: Round) -> None:
    """The page says that nothing on it is evidence, and shows the runs beside each other."""
    page = judged(simulate(drawn, dict.fromkeys(STUDY.arms, 0)))["page"]
    assert "Synthetic samples" in page
    assert "Ratings by run" in page
    assert re.search(r"12 raters rated, from 1 to 5, 2 clips of original from 2 runs", page)
    assert "not to other clips or runs" in page
