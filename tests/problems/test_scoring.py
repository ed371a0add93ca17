"""Runs become scores: gaps, targets, failures, the answer and its figures."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.optimizers.recipe import Recipe
from fairtrial.optimizers.task import Run
from fairtrial.problems.exhibits.progress import anytime_table, convergence_exhibit
from fairtrial.problems.records import Trial, best_trial, pack_runs, unpack_runs
from fairtrial.problems.scoring import ledger_rows, metric_rows, relative_gaps, target_value
from fairtrial.problems.search import search
from fairtrial.statistics.scores import make_ledger, make_scores
from tests.problems.files import TANK, compiled, example


def make_run(objective: list[float], violation: list[float] | None = None, **more: Any) -> Run:
    """Improvements at evaluations 10, 20, ... in two dimensions."""
    count = len(objective)
    return Run(
        evaluation=10 * np.arange(1, count + 1),
        objective=np.array(objective),
        violation=np.array(violation if violation is not None else [0.0] * count),
        point=np.tile([2.0, 5.0], (count, 1)),
        evaluations=100,
        **more,
    )


def trial(arm: str, run: Run, role: str = "arm", block: str = "run_000") -> Trial:
    return Trial(arm, role, block, run)


def values(rows: list[dict[str, Any]]) -> dict[str, tuple[float | None, str]]:
    return {
        row["metric"] + ("" if row["subset"] == "all" else f" {row['subset']}"): (
            row["value"],
            row["status"],
        )
        for row in rows
    }


def rows_of(trials: list[Trial], text: str = TANK) -> list[dict[str, Any]]:
    return metric_rows(
        compiled(text), trials, (0.5, 0.1), 1e-9, study="s", budget=100, manifest_sha256="m"
    )


KNOWN = TANK + "optimum: {objective: 100, source: a book}\n"


def test_gaps_and_targets_of_a_run() -> None:
    """The gap counts from the first feasible point; targets are met at their evaluation."""
    run = make_run([50.0, 200.0, 140.0, 105.0], [3.0, 0.0, 0.0, 0.0])
    found = values(rows_of([trial("a", run)], KNOWN))
    assert found == {
        "relative_gap": (pytest.approx(0.05), "ok"),
        "best_objective": (105.0, "ok"),
        "feasible": (1.0, "ok"),
        "reached target=0.5": (1.0, "ok"),
        "evaluations_to target=0.5": (30.0, "ok"),
        "reached target=0.1": (1.0, "ok"),
        "evaluations_to target=0.1": (40.0, "ok"),
    }


def test_a_run_without_a_feasible_point_failed() -> None:
    """It has no gap and no objective, reaches no target, and is told in the ledger."""
    trials = [trial("a", make_run([50.0], [3.0])), trial("b", make_run([110.0]))]
    rows = rows_of(trials, KNOWN)
    found = values([row for row in rows if row["arm"] == "a"])
    assert found["relative_gap"] == (None, "failed")
    assert found["best_objective"] == (None, "failed")
    assert found["feasible"] == (0.0, "ok")
    assert found["reached target=0.5"] == (0.0, "ok")
    assert "evaluations_to target=0.5" not in found
    assert len(make_scores(rows)) == len(rows)
    history = [pd.DataFrame({"arm": [a], "block": ["run_000"], "seconds": [1.5]}) for a in "ab"]
    ledger = make_ledger(ledger_rows(trials, history, study="s"))
    assert ledger["status"].tolist() == ["failed", "ok"]
    assert ledger["note"].tolist() == ["no feasible point", ""]
    assert ledger["budget"].tolist() == [100, 100]


def test_what_gaps_are_measured_to() -> None:
    """The known optimum, else a proved one, else the best value found; failing all, none."""
    arm = trial("a", make_run([90.0]))
    proved = trial("lp", make_run([95.0], exact=True), role="reference")
    hopeless = trial("a", make_run([90.0], [1.0]))
    assert target_value(compiled(KNOWN), [arm, proved])[0] == 100.0
    assert target_value(compiled(TANK), [arm, proved]) == (95.0, "the optimum proved by lp")
    assert target_value(compiled(TANK), [arm])[0] == 90.0
    assert target_value(compiled(TANK), [hopeless])[0] is None
    assert values(rows_of([hopeless]))["relative_gap"] == (None, "failed")


def test_the_last_bits_decide_no_rank() -> None:
    """Gaps below the resolution are equal, also where the tolerance beats the optimum."""
    run = make_run([100.0 + 3e-8, 100.0 - 1e-6])
    assert relative_gaps(run, 100.0, 1e-9).tolist() == [0.0, 0.0]
    assert relative_gaps(make_run([0.5]), 0.0, 1e-9).tolist() == [0.5]
    assert relative_gaps(make_run([-99.0]), -100.0, 1e-9)[0] == pytest.approx(0.01)


def test_a_maximum_is_scored_in_the_users_sense() -> None:
    """best_objective is what the user asked to be large, and larger is better."""
    text = TANK.replace("minimise: x * y + running / (x * y)", "maximise: x + 2 * y")
    rows = rows_of([trial("a", make_run([-12.0])), trial("b", make_run([-10.0]))], text)
    best = [row for row in rows if row["metric"] == "best_objective"]
    assert [row["value"] for row in best] == [12.0, 10.0]
    assert all(row["higher_is_better"] for row in best)
    gaps = [row["value"] for row in rows if row["metric"] == "relative_gap"]
    assert gaps == [0.0, pytest.approx(1 / 6)]


def test_a_reference_carries_what_it_spent_and_an_arm_what_it_was_granted() -> None:
    """Whoever ends early keeps its arm's budget; a reference has none to keep."""
    spent = replace(make_run([110.0]), evaluations=7)
    rows = rows_of([trial("a", spent), trial("lp", spent, role="reference")])
    assert {(row["arm"], row["budget"]) for row in rows} == {("a", 100), ("lp", 7)}


def test_runs_survive_storage() -> None:
    """Packed runs come back with every array, note and extra, the empty one too."""
    empty = Run(*(np.empty(0) for _ in range(3)), np.empty((0, 2)), 7)  # type: ignore[arg-type]
    extra = make_run([3.0], extra={"row_dual": np.array([1.0, 2.0])}, exact=True, note="proved")
    trials = [trial("a", make_run([5.0, 4.0])), trial("b", empty), trial("lp", extra, "reference")]
    again = unpack_runs(pack_runs(trials))
    assert [(t.arm, t.role, t.block) for t in again] == [
        ("a", "arm", "run_000"),
        ("b", "arm", "run_000"),
        ("lp", "reference", "run_000"),
    ]
    for one, other in zip(trials, again, strict=True):
        for name in ("evaluation", "objective", "violation", "point"):
            assert np.array_equal(getattr(one.run, name), getattr(other.run, name))
        assert one.run.evaluations == other.run.evaluations
    assert again[2].run.exact
    assert again[2].run.note == "proved"
    assert again[2].run.extra["row_dual"].tolist() == [1.0, 2.0]
    best = best_trial(again)
    assert best is not None
    assert best.arm == "lp"


def test_anytime_quartiles_count_runs_without_a_point_as_worst() -> None:
    """A share of runs that is not yet feasible has no value, instead of being left out."""
    trials = [
        trial("a", make_run([200.0]), block="run_000"),
        trial("a", make_run([100.0]), block="run_001"),
        trial("a", make_run([9.0], [1.0]), block="run_002"),
        trial("a", make_run([9.0], [1.0]), block="run_003"),
    ]
    table = anytime_table(compiled(KNOWN), trials, 100, 1e-9)
    first, last = table.iloc[0], table.iloc[-1]
    assert pd.isna(first["q25"])
    assert last["evaluations"] == 100
    assert last["q25"] == 0.0
    assert last["median"] == 1.0
    assert pd.isna(last["q75"])
    assert last["feasible"] == 0.5


@pytest.fixture(scope="module")
def searched() -> list[Trial]:
    """A quick search of the aggregates by two arms and two references."""
    problem = example("aggregates")
    recipes = {
        "de": Recipe(optimizer="differential_evolution"),
        "random_search": Recipe(optimizer="random_search"),
        "lp": Recipe(optimizer="highs"),
        "slsqp": Recipe(optimizer="slsqp"),
    }
    trials = []
    for name, recipe in recipes.items():
        role = "reference" if name in ("lp", "slsqp") else "arm"
        seeds = {"reference": 1} if role == "reference" else {"run_000": 1, "run_001": 2}
        outputs, history = search(problem, recipe, 1500, seeds, arm=name, role=role)
        assert history["block"].tolist() == list(seeds)
        trials += unpack_runs(outputs)
    return trials


def test_progress_is_drawn_with_its_data(searched: list[Trial]) -> None:
    """Curves come with the numbers behind them, the same bytes each time."""
    problem = example("aggregates")
    progress = convergence_exhibit(problem, searched, 1500, 1e-9)
    assert progress == convergence_exhibit(problem, searched, 1500, 1e-9)
    table = pd.read_csv(io.BytesIO(progress["data.csv"]))
    assert set(table["arm"]) == {"de", "random_search", "lp", "slsqp"}
    assert progress["figure.svg"].startswith(b"<?xml")
