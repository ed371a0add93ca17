"""From scores to a verdict."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.effects import paired_shift
from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.scores import make_ledger, make_scores
from fairtrial.statistics.summaries import metric_bounds
from fairtrial.statistics.verdict import judge
from tests.statistics.support import row, scores_of, verdict_of

RNG = np.random.default_rng(11)
BASE = RNG.normal(50, 5, 12)
APART = {
    "good": BASE + RNG.normal(0, 0.3, 12),
    "fair": BASE + 4 + RNG.normal(0, 0.3, 12),
    "poor": BASE + 9 + RNG.normal(0, 0.3, 12),
}


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


def test_rows_without_anything_shared_are_called_out_when_declared_blocked() -> None:
    """Independent noise declared blocked warns; rows with a common origin do not."""
    noise = np.random.default_rng(4).normal(50, 1, (40, 3))
    alone = verdict_of(scores_of(dict(zip("abc", noise.T, strict=True))))
    assert any("behave like independent runs" in text for text in alone["warnings"])
    assert not verdict_of(scores_of(APART))["warnings"]


def test_blocks_declared_independent_are_called_out() -> None:
    """A common origin a row warns when declared independent, and the sentence states the design."""
    verdict = verdict_of(scores_of(APART), "independent")
    assert any("behave like blocks" in text for text in verdict["warnings"])
    assert "Rows are independent runs, not blocks." in verdict["sentence"]
    assert verdict["test"]["name"] == "Kruskal-Wallis"


def test_superiority_is_the_chance_to_be_the_better_one() -> None:
    """With lower better, the arm of the smaller values has A12 near 1."""
    verdict = verdict_of(scores_of({"low": BASE, "high": BASE + 100}), "independent")
    assert verdict["pairs"][0]["superiority"]["estimate"] == 1
    assert verdict["pairs"][0]["better"] == "low"


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


def test_a_probe_near_the_best_arm_or_a_floor_level_with_it_is_called_out() -> None:
    """A probe far behind is silent, a floor far off on either side too, a reference always."""

    def judged(shift: float, kind: str) -> list[str]:
        extra = [row("x", f"run_{i:03d}", float(BASE[i] + shift), role=kind) for i in range(12)]
        found = verdict_of(make_scores([*scores_of(APART).to_dict("records"), *extra]))
        return [text for text in found["warnings"] if f"{kind} x" in text]

    assert "comes near" in judged(1.0, "probe")[0]
    assert "does better" in judged(-3.0, "probe")[0]
    assert not judged(60.0, "probe")
    assert judged(0.0, "floor")
    assert not judged(-20.0, "floor")
    assert not judged(60.0, "floor")
    assert not judged(0.0, "reference")


def test_each_arm_has_its_lead_over_a_probe_with_its_interval() -> None:
    """The paired difference over the runs that both finished; references have none."""
    extra = [row("x", f"run_{i:03d}", float(BASE[i] + 60), role="probe") for i in range(11)]
    extra += [row("x", "run_011", None, role="probe", status="failed")]
    extra += [row("lp", f"run_{i:03d}", 0.0, role="reference") for i in range(12)]
    verdict = verdict_of(make_scores([*scores_of(APART).to_dict("records"), *extra]))
    found = {other["arm"]: other for other in verdict["others"]}
    good = found["x"]["leads"][0]
    assert good["arm"] == "good"
    alone = paired_shift(APART["good"][:11] - BASE[:11] - 60, 0.95)
    assert good["difference"] == pytest.approx(alone.plain())
    assert good["difference"]["high"] < -59
    assert found["lp"]["leads"] == []


def test_an_arm_level_with_a_probe_is_named_though_the_best_is_ahead() -> None:
    """Only the poorest arm has an interval over zero; a probe that nobody fears is silent."""
    noise = np.random.default_rng(5).normal(0, 0.5, 12)
    extra = [
        row("x", f"run_{i:03d}", float(APART["poor"][i] + noise[i]), role="probe")
        for i in range(12)
    ]
    scores = make_scores([*scores_of(APART).to_dict("records"), *extra])
    found = judge(
        scores,
        design="blocked",
        primary_metric="error",
        parameters=VerdictParameters(smallest_difference=0.1),
        synthetic=False,
        sees={"x": "the border alone"},
    )
    told = [text for text in found["warnings"] if "probe" in text]
    assert len(told) == 1
    assert told[0].startswith("Not shown to do better than the probe x (")
    assert told[0].endswith("; sees the border alone): poor.")


def test_a_best_arm_far_from_the_floor_is_called_out() -> None:
    """Five times real against real is; a floor of 0 has no ratio, nor has a higher-is-better."""

    def judged(floor: float, higher: bool = False) -> list[str]:
        extra = [
            row("real", f"run_{i:03d}", floor, role="floor", higher_is_better=higher)
            for i in range(12)
        ]
        arms = scores_of(APART, higher_is_better=higher).to_dict("records")
        found = verdict_of(make_scores([*arms, *extra]))
        return [text for text in found["warnings"] if "far from the floor real" in text]

    best = APART["good"].mean()
    assert f"far from the floor real (10.00): {best / 10:.1f} times as large" in judged(10.0)[0]
    assert not judged(0.0)
    assert not judged(10.0, higher=True)


def test_unequal_budgets_are_called_out() -> None:
    """Arms with 100 and 200 evaluations are not compared in silence."""
    rows = scores_of(APART, budget=100, budget_unit="evaluations")
    rows.loc[rows["arm"] == "good", "budget"] = 200
    assert any("Budgets differ" in text for text in verdict_of(rows)["warnings"])


def test_budgets_are_those_spent_where_the_ledger_knows_them() -> None:
    """Granted alike but spent unlike warns; a reference that spent 1 does not, nor no ledger."""
    scores = scores_of(APART, budget=100, budget_unit="evaluations")

    def ledger(**spent: int | None) -> pd.DataFrame:
        made = make_ledger(
            {
                "study": "study",
                "arm": arm,
                "role": "reference" if arm == "lp" else "arm",
                "block": f"run_{i:03d}",
                "budget": budget,
                "budget_unit": "" if budget is None else "evaluations",
            }
            for arm, budget in spent.items()
            for i in range(12)
        )
        return pd.read_csv(io.StringIO(made.to_csv(index=False)))

    def warned(ledger: pd.DataFrame) -> list[str]:
        found = judge(
            scores,
            design="blocked",
            primary_metric="error",
            parameters=VerdictParameters(),
            synthetic=False,
            ledger=ledger,
        )
        return [text for text in found["warnings"] if "Budgets differ" in text]

    assert not warned(ledger(good=100, fair=100, poor=100, lp=1))
    assert "good 20, fair 100" in warned(ledger(good=20, fair=100, poor=100))[0]
    assert not warned(ledger(good=None, fair=None, poor=None))


def test_what_is_wrong_with_the_data_stands_first_among_the_warnings() -> None:
    """A warning of the ingest reaches the verdict as it is."""
    verdict = judge(
        scores_of(APART),
        design="blocked",
        primary_metric="error",
        parameters=VerdictParameters(),
        synthetic=False,
        warnings=["The source gives the label away."],
    )
    assert verdict["warnings"] == ["The source gives the label away."]


def test_the_protocol_of_the_paper_is_called_out() -> None:
    """Arms scored each against its own training data are not compared in silence."""
    found = verdict_of(scores_of(APART, protocol="paper"))["warnings"]
    assert any(text.startswith("Protocol paper: every arm is scored against") for text in found)


def test_runs_of_one_split_speak_of_seeds_only() -> None:
    """Runs that share a split say so; runs without splits, and folds, have nothing to say."""

    def said(scores: pd.DataFrame) -> bool:
        return any("other seeds, not of other data" in t for t in verdict_of(scores)["limits"])

    assert said(scores_of(APART, splits_sha256="cd" * 32))
    assert not said(scores_of(APART))
    folds = scores_of(APART, splits_sha256="cd" * 32)
    folds["block"] = folds["block"].str.replace("run_0", "fold_")
    assert not said(folds)


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


def test_a_metric_that_some_trials_lack_counts_them() -> None:
    """Two of twelve trials reached a target: n is 2 of 12 trials."""
    extra = [row("good", f"run_00{i}", 9.0, metric="evaluations_to") for i in range(2)]
    verdict = verdict_of(make_scores([*scores_of(APART).to_dict("records"), *extra]))
    found = {(m["metric"], m["arm"]): (m["n"], m["trials"]) for m in verdict["metrics"]}
    assert found[("evaluations_to", "good")] == (2, 12)
    assert found[("error", "good")] == (12, 12)


def test_unequal_units_are_named() -> None:
    """Updates beside evaluations are not compared in silence."""
    rows = scores_of(APART, budget=100, budget_unit="evaluations")
    rows.loc[rows["arm"] == "good", "budget_unit"] = "updates"
    assert any("different units" in text for text in verdict_of(rows)["warnings"])


def test_scores_from_several_manifests_are_called_out() -> None:
    """Arms that saw different data are not compared in silence."""
    rows = scores_of(APART)
    rows.loc[rows["arm"] == "good", "manifest_sha256"] = "cd" * 32
    assert any("different manifests" in text for text in verdict_of(rows)["warnings"])


def test_synthetic_samples_stand_first_in_the_sentence() -> None:
    """A verdict on drawn samples cannot be quoted without saying so."""
    verdict = judge(
        scores_of(APART),
        design="blocked",
        primary_metric="error",
        parameters=VerdictParameters(),
        synthetic=True,
    )
    assert verdict["sentence"].startswith("On synthetic samples: ")


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


def test_other_protocols_stay_out_of_the_budgets_and_counts() -> None:
    """Blocks of another protocol have budgets and trials of their own."""
    records = scores_of(APART, budget=100, budget_unit="updates").to_dict("records")
    few = {"protocol": "by_source", "budget_unit": "updates"}
    records += [row(arm, "source_0", 1.0, budget=40 + i, **few) for i, arm in enumerate(APART)]
    verdict = verdict_of(make_scores(records))
    assert not [text for text in verdict["warnings"] if "Budgets" in text]
    rows = [entry for entry in verdict["metrics"] if entry["metric"] == "error"]
    assert {entry["protocol"]: entry["trials"] for entry in rows} == {
        "standard": len(next(iter(APART.values()))),
        "by_source": 1,
    }
