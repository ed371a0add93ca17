"""From scores to a verdict."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.summaries import metric_bounds
from fairtrial.statistics.verdict import judge
from tests.statistics.support import APART, BASE, scores_of, verdict_of


def test_a_clear_difference_names_the_best_arm_and_whom_it_beats() -> None:
    """Three arms apart: outcome, best arm, and the test are in the sentence."""
    verdict = verdict_of(scores_of(APART))
    assert verdict["outcome"] == "differ"
    assert verdict["best"] == {
        "arm": "good",
        "level": [],
        "beats": ["fair", "poor"],
        "equal_to": [],
        "open": [],
    }
    assert "good has the best error" in verdict["sentence"]
    assert "Friedman" in verdict["sentence"]
    assert verdict["ranking"] == ["good", "fair", "poor"]


def test_the_direction_decides_which_arm_is_best() -> None:
    """The same numbers with higher better name the other end."""
    verdict = verdict_of(scores_of(APART, higher_is_better=True))
    assert verdict["best"]["arm"] == "poor"
    assert {pair["better"] for pair in verdict["pairs"]} == {"poor", "fair"}


def test_a_verdict_is_plain_json_without_nan_whatever_happened() -> None:
    """All outcomes serialise strictly, also those with failed, tied or single values."""
    tables = [
        scores_of(APART),
        scores_of({"a": [1.0] * 6, "b": [1.0] * 6}),
        scores_of({"a": [1.0], "b": [2.0]}),
        scores_of({"a": [1.0, None, 2.0], "b": [None, None, None]}),
    ]
    for scores in tables:
        for design in ("blocked", "independent"):
            verdict = verdict_of(scores, design, smallest_difference=0.5)
            assert json.loads(json.dumps(verdict, allow_nan=False)) == verdict


def test_not_shown_to_differ_is_not_equal() -> None:
    """Without a smallest difference that matters the outcome claims no equality."""
    noise = np.random.default_rng(2).normal(50, 1, (12, 3))
    verdict = verdict_of(scores_of(dict(zip("abc", noise.T, strict=True))))
    assert verdict["outcome"] == "not_shown_to_differ"
    assert "does not make them equal" in verdict["sentence"]
    assert any("no smallest difference" in text.lower() for text in verdict["limits"])


def test_equality_needs_every_interval_inside_the_declared_difference() -> None:
    """With +-5 declared the arms are equal; with +-0.001 the same arms are not."""
    noise = np.random.default_rng(2).normal(50, 1, (12, 3))
    scores = scores_of(dict(zip("abc", noise.T, strict=True)))
    assert verdict_of(scores, smallest_difference=5.0)["outcome"] == "equal"
    assert verdict_of(scores, smallest_difference=0.001)["outcome"] == "not_shown_to_differ"


def test_five_blocks_never_prove_equality_at_95_percent() -> None:
    """An interval that covers less than it should supports no claim of equality."""
    scores = scores_of({"a": [1.0, 2.0, 3.0, 4.0, 5.0], "b": [1.1, 2.0, 2.9, 4.1, 5.0]})
    assert verdict_of(scores, smallest_difference=10.0)["outcome"] == "not_shown_to_differ"


def test_too_few_blocks_give_a_description_and_say_why_there_is_no_test() -> None:
    """Three folds: no test, no p-value, but means, ranks and a reason."""
    verdict = verdict_of(scores_of({arm: values[:3] for arm, values in APART.items()}))
    assert verdict["outcome"] == "not_tested"
    assert verdict["test"] is None
    assert "at least 5 runs" in verdict["refused"]["reason"]
    assert verdict["sentence"].startswith("No test was run: it needs at least 5 runs")
    assert verdict["arms"][0]["mean"] == pytest.approx(APART["good"][:3].mean())
    assert all(pair["p"] is None for pair in verdict["pairs"])


def test_wholly_tied_arms_are_not_ranked() -> None:
    """Identical columns: no test, no arm in front, and a caution for each pair."""
    verdict = verdict_of(scores_of({"a": BASE, "b": BASE, "c": BASE}))
    assert verdict["outcome"] == "not_tested"
    assert "All arms are level" in verdict["sentence"]
    assert sum("same value in every run" in text for text in verdict["warnings"]) == 3


def test_arms_level_in_front_share_the_place() -> None:
    """Two solvers that always find the same optimum are both named."""
    verdict = verdict_of(scores_of({"de": BASE, "saga": BASE, "random": BASE + 5}))
    assert verdict["best"]["level"] == ["saga"]
    assert "de and saga have the best error" in verdict["sentence"]


def test_arms_level_by_rank_tell_each_its_median() -> None:
    """Either is ahead in half of the runs; one median would be that of one arm only."""
    turns = np.where(np.arange(len(BASE)) % 2, -2.0, 0.0)
    verdict = verdict_of(scores_of({"a": BASE + turns, "b": BASE - 1, "c": BASE + 50}))
    medians = [f"{np.median(values):.4g}" for values in (BASE + turns, BASE - 1)]
    assert len(set(medians)) == 2
    assert f"a and b have the best error (medians {' and '.join(medians)}" in verdict["sentence"]


def test_two_arms_over_five_blocks_say_that_nothing_could_have_been_shown() -> None:
    """The smallest p of five signed ranks is 0.0625."""
    verdict = verdict_of(scores_of({"a": BASE[:5], "b": BASE[:5] + np.arange(1, 6)}))
    assert verdict["outcome"] == "not_shown_to_differ"
    assert "could not have shown one" in verdict["sentence"]


def test_superiority_is_the_chance_to_be_the_better_one() -> None:
    """With lower better, the arm of the smaller values has A12 near 1."""
    verdict = verdict_of(scores_of({"low": BASE, "high": BASE + 100}), "independent")
    assert verdict["pairs"][0]["superiority"]["estimate"] == 1
    assert verdict["pairs"][0]["better"] == "low"


@pytest.mark.parametrize(
    ("metric", "values", "bounds"),
    [
        ("macro_f1", [0.9, 1.0], (0.0, 1.0)),
        ("accuracy", [0.9, 1.0], (0.0, 1.0)),
        ("reached", [0.0, 1.0], (0.0, 1.0)),
        ("macro_f1", [90.0, 100.0], (None, None)),
        ("relative_gap", [0.0, 2.0], (0.0, None)),
        ("frechet_musical", [0.1, 0.2], (0.0, None)),
        ("frechet_musical_infinity", [0.1, 0.2], (None, None)),
        ("mcc", [-0.1, 0.2], (-1.0, 1.0)),
        ("roc_area", [0.9, 1.0], (0.0, 1.0)),
        ("brier", [0.1, 0.2], (0.0, None)),
        ("margin", [0.1, 0.2], (None, None)),
        ("best_objective", [3.1, 3.2], (None, None)),
    ],
)
def test_the_range_of_a_metric_is_known_by_name_or_not_at_all(
    metric: str, values: list[float], bounds: tuple[float | None, float | None]
) -> None:
    """Shares lie in 0..1, sizes above 0; values outside show that the name means another thing."""
    assert metric_bounds(metric, pd.Series(values)) == bounds


def test_no_interval_leaves_the_range_of_its_metric() -> None:
    """An F1 near 1 has an interval that ends at 1, and the verdict says that it was cut off."""
    scores = scores_of({"a": [1.0, 1, 1, 0.95, 1], "b": [0.1, 0, 0, 0.3, 0]}, metric="macro_f1")
    verdict = judge(
        scores,
        design="blocked",
        primary_metric="macro_f1",
        parameters=VerdictParameters(),
        synthetic=False,
    )
    assert verdict["bounds"] == [0.0, 1.0]
    near_one, near_zero = verdict["arms"]
    assert (near_one["high"], near_zero["low"]) == (1, 0)


def test_one_pair_is_not_each_pair() -> None:
    """Each only where several are beaten, and then the largest p of them."""
    assert "each Nemenyi p ≤ " in verdict_of(scores_of(APART))["sentence"]
    few = scores_of({arm: values[:5] for arm, values in APART.items()})
    assert ", Nemenyi p = 0.0045)" in verdict_of(few)["sentence"]
