"""What a verdict warns of."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from fairtrial.statistics.effects import paired_shift
from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.scores import make_ledger, make_scores
from fairtrial.statistics.verdict import judge
from tests.statistics.support import APART, BASE, row, scores_of, verdict_of


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
