"""What trials will cost is found out with a small part of them."""

from __future__ import annotations

from pathlib import Path

from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import Recipe
from fairtrial.problems.forecast import forecast_trials
from fairtrial.problems.parameters import IngestParameters, OptimizeParameters
from tests.images.support import folder

PROBLEMS = Path(__file__).parents[2] / "conf" / "base" / "problems"


def test_a_larger_budget_is_forecast_to_cost_more() -> None:
    """Every arm has a cost; a hundred times the evaluations cost many times as much."""
    study = Study(
        name="tank",
        kind="problems",
        arms=("de", "random_search"),
        blocks={"runs": 3},
        design="independent",
        primary_metric="relative_gap",
    )
    groups = {
        "ingest": IngestParameters(definition="problems/storage_tank.yml"),
        "arms": {
            "de": Recipe(optimizer="differential_evolution"),
            "random_search": Recipe(optimizer="random_search"),
        },
    }

    def cost(evaluations: int) -> dict[str, float]:
        budget = {"optimize": OptimizeParameters(evaluations=evaluations)}
        found = forecast_trials(study, {**groups, **budget}, folder(PROBLEMS))
        return {arm: forecast.seconds for arm, forecast in found.items()}

    small, large = cost(1_000), cost(200_000)
    assert set(small) == {"de", "random_search"}
    assert all(0 < small[arm] < large[arm] for arm in small)


def test_without_files_nothing_is_forecast() -> None:
    """A study whose files cannot be read has no forecast; its check says why."""
    assert forecast_trials(None, {}, None) == {}
