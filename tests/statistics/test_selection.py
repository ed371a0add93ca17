"""Which rows of the scores a verdict judges."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.scores import make_scores
from tests.statistics.support import APART, BASE, row, scores_of, verdict_of


def test_seeds_of_a_fold_are_averaged_and_count_once() -> None:
    """5 folds x 4 seeds are 5 blocks, not 20: pseudo-replication would make p tiny."""
    rows = [
        row(arm, f"fold_{fold}" + (f"_seed_{seed}" if seed else ""), fold + shift + 0.01 * seed)
        for arm, shift in (("a", 0.0), ("b", 0.5), ("c", 0.2))
        for fold in range(5)
        for seed in range(4)
    ]
    verdict = verdict_of(make_scores(rows))
    assert verdict["blocks"]["used"] == 5
    assert verdict["blocks"]["seeds"] == 4
    assert verdict["values"]["a"]["fold_3"] == pytest.approx(3.015)
    assert verdict["test"]["p"] == pytest.approx(np.exp(-5))  # chi2 = 10 with 2 degrees


def test_seeds_that_failed_for_one_arm_leave_the_average_of_all() -> None:
    """An arm is not averaged over seeds that another arm did not finish."""
    rows = [row(arm, f"fold_{f}", 1.0 + f) for arm in ("a", "b") for f in range(5)]
    rows += [row("a", f"fold_{f}_seed_1", 100.0) for f in range(5)]
    rows += [row("b", f"fold_{f}_seed_1", None, status="diverged") for f in range(5)]
    rows += [row("c", f"fold_{f}{s}", 3.0) for f in range(5) for s in ("", "_seed_1")]
    verdict = verdict_of(make_scores(rows))
    assert verdict["values"]["a"]["fold_0"] == 1.0
    assert verdict["blocks"]["unfinished"] == 5


def test_incomplete_blocks_are_left_out_and_failures_are_counted_in_the_sentence() -> None:
    """One diverged trial of 36: 11 of 12 runs are used, and the sentence says so."""
    columns = {arm: list(values) for arm, values in APART.items()}
    columns["fair"][3] = None
    verdict = verdict_of(scores_of(columns))
    assert verdict["blocks"]["used"] == 11
    assert "1 of 36 trials did not finish; 11 of 12 runs used." in verdict["sentence"]
    assert any("fair 1" in text for text in verdict["warnings"])


def test_a_trial_without_a_row_counts_as_unfinished() -> None:
    """A block that one arm lacks is incomplete, whether or not the failure was recorded."""
    scores = scores_of(APART)
    scores = scores[~((scores["arm"] == "poor") & (scores["block"] == "run_005"))]
    verdict = verdict_of(scores)
    assert (verdict["blocks"]["used"], verdict["blocks"]["unfinished"]) == (11, 1)


def test_only_the_test_split_the_whole_subset_and_the_arms_are_judged() -> None:
    """Validation rows, subsets, references and other metrics never enter the test."""
    plain = verdict_of(scores_of(APART))
    rows = scores_of(APART).to_dict("records")
    for i in range(12):
        block = f"run_{i:03d}"
        rows.append(row("good", block, 999.0, split="valid"))
        rows.append(row("good", block, 999.0, subset="small"))
        rows.append(row("good", block, 999.0, metric="loss"))
        rows.append(row("lp", block, 0.0, role="reference"))
    verdict = verdict_of(make_scores(rows))
    assert verdict["test"] == plain["test"]
    assert verdict["arms"] == plain["arms"]
    assert verdict["others"][0]["arm"] == "lp"
    assert "lp" not in verdict["ranking"]


def test_a_metric_that_some_trials_lack_counts_them() -> None:
    """Two of twelve trials reached a target: n is 2 of 12 trials."""
    extra = [row("good", f"run_00{i}", 9.0, metric="evaluations_to") for i in range(2)]
    verdict = verdict_of(make_scores([*scores_of(APART).to_dict("records"), *extra]))
    found = {(m["metric"], m["arm"]): (m["n"], m["trials"]) for m in verdict["metrics"]}
    assert found[("evaluations_to", "good")] == (2, 12)
    assert found[("error", "good")] == (12, 12)


def test_a_metric_that_was_not_measured_is_named_with_those_that_were() -> None:
    """A typo in primary_metric lists the metrics there are."""
    with pytest.raises(StatisticsError, match="Measured: accuracy"):
        verdict_of(scores_of(APART, metric="accuracy"))


def test_several_protocols_need_a_standard_one() -> None:
    """Of standard and paper the standard is judged; of two others neither."""
    both = [*scores_of(APART).to_dict("records")]
    both += scores_of({"good": BASE + 99, "fair": BASE}, protocol="paper").to_dict("records")
    assert verdict_of(make_scores(both))["best"]["arm"] == "good"
    for record in both:
        record["protocol"] = {"standard": "mine"}.get(record["protocol"], record["protocol"])
    with pytest.raises(StatisticsError, match="mine, paper"):
        verdict_of(make_scores(both))


def test_several_studies_are_refused() -> None:
    """One verdict is about one study."""
    rows = scores_of(APART)
    rows.loc[0, "study"] = "other"
    with pytest.raises(StatisticsError, match="one study"):
        verdict_of(rows)
