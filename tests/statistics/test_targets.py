"""Success, expected running time and attainment of runs with known ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairtrial.statistics.scores import make_scores
from fairtrial.statistics.targets import attainment, first_hits, hits_of_studies, running_times


def rows(study: str, arm: str, first: dict[float, list[int | None]]) -> list[dict[str, object]]:
    """Scores of runs that reach a target after so many of 100 evaluations, or not at all."""
    found: list[dict[str, object]] = []
    for target, spent in first.items():
        for run, at in enumerate(spent):
            common = {
                "study": study,
                "arm": arm,
                "block": f"run_{run:03d}",
                "subset": f"target={target:g}",
                "manifest_sha256": "m",
                "budget": 100,
                "budget_unit": "evaluations",
            }
            reached = float(at is not None)
            found.append(
                {**common, "metric": "reached", "value": reached, "higher_is_better": True}
            )
            if at is not None:
                found.append(
                    {
                        **common,
                        "metric": "evaluations_to",
                        "value": float(at),
                        "higher_is_better": False,
                    }
                )
    return found


def test_running_time_counts_the_runs_that_fail() -> None:
    """Two successes after 10 and 30 and one failure at 100 cost 70 evaluations a success."""
    scores = make_scores(rows("p", "a", {0.1: [10, 30, None], 0.01: [None, None, None]}))
    times = running_times(first_hits(scores), 0.95, 200, np.random.default_rng(1))
    found = times.set_index("target")
    assert found.loc[0.1, "ert"] == pytest.approx(70)
    assert found.loc[0.1, "successes"] == 2
    assert found.loc[0.1, "share_low"] < 2 / 3 < found.loc[0.1, "share_high"]
    assert found.loc[0.1, "ert_low"] < 70 < found.loc[0.1, "ert_high"]
    assert np.isnan(found.loc[0.01, "ert"])
    assert np.isnan(found.loc[0.01, "ert_low"])


def test_a_single_run_has_no_interval() -> None:
    """A reference runs once: its time stands alone."""
    times = running_times(
        first_hits(make_scores(rows("p", "a", {0.1: [7]}))), 0.95, 200, np.random.default_rng(1)
    )
    assert times["ert"].tolist() == [7.0]
    assert times[["share_low", "ert_low", "ert_high"]].isna().all(axis=None)


def test_attainment_rises_to_the_share_that_was_reached() -> None:
    """Of four pairs one is reached after 10, one after 30, none later."""
    hits = first_hits(make_scores(rows("p", "a", {0.1: [10, 30], 0.01: [None, None]})))
    curve = attainment(hits, [9, 10, 29, 30, 100]).set_index("evaluations")["share"]
    assert curve.tolist() == [0.0, 0.25, 0.25, 0.5, 0.5]


def test_every_problem_counts_the_same() -> None:
    """A problem with one run weighs as much as one with three, and other arms are left out."""
    tables = {
        "p": make_scores(rows("p", "a", {0.1: [1, 1, 1]}) + rows("p", "b", {0.1: [1, 1, 1]})),
        "q": make_scores(rows("q", "a", {0.1: [None]})),
    }
    hits = hits_of_studies(tables, ["a"])
    assert set(hits["arm"]) == {"a"}
    assert attainment(hits, [100])["share"].tolist() == [0.5]
    assert isinstance(hits, pd.DataFrame)
