"""Parameters of problem studies, and what stops them before any work."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import Recipe
from fairtrial.problems.parameters import EvaluateParameters, IngestParameters, OptimizeParameters
from fairtrial.problems.ready import check_ready

ENTRY: dict[str, Any] = {
    "name": "tank",
    "kind": "problems",
    "arms": ("de", "ga", "random_search"),
    "blocks": {"runs": 3},
    "design": "independent",
    "primary_metric": "relative_gap",
}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"optimizer": "magic"}, "Known: cma_es, cobyqa, differential_evolution"),
        ({}, "a.optimizer: expected a value, found nothing"),
        ({"optimizer": "saga", "changefirst": 3}, "settings of saga (bits, change_every"),
        ({"optimizer": "saga", "bits": 0}, "a.bits: expected greater than or equal to 2, found 0"),
        ({"optimizer": "saga", "population": 7}, "a multiple of 2, found 7"),
        ({"optimizer": "differential_evolution", "weight": float("nan")}, "a.weight"),
        ({"optimizer": "differential_evolution", "strategy": "best3bin"}, "'rand1bin'"),
        ({"optimizer": "random_search", "population": 3}, "(no settings), not population"),
    ],
)
def test_a_wrong_recipe_is_told(values: dict[str, Any], message: str) -> None:
    """The optimiser's own rules hold, with the place of the fault."""
    with pytest.raises(ConfigError) as caught:
        check_parameters(Recipe, values, "a")
    assert message in str(caught.value)


def test_a_recipe_is_the_settings_of_its_optimizer() -> None:
    """What is set is kept, the rest are the optimiser's defaults."""
    recipe = check_parameters(Recipe, {"optimizer": "saga", "k": 3, "change_first": None}, "a")
    assert recipe.settings.k == 3
    assert recipe.settings.change_first is None
    assert recipe.settings.bits == 10
    assert recipe.model_dump() == {"optimizer": "saga", "k": 3, "change_first": None}


@pytest.mark.parametrize("targets", [(0.1, 0.1), (0.01, 0.1), (0.1, 0.0)])
def test_targets_tighten(targets: tuple[float, ...]) -> None:
    """Each once, loosest first, all above zero."""
    with pytest.raises(ConfigError, match="targets"):
        check_parameters(EvaluateParameters, {"targets": targets}, "evaluate")


@pytest.mark.parametrize("definition", ["a.csv", "problems\\a.yml", "problems/", ""])
def test_a_definition_is_a_yaml_file(definition: str) -> None:
    """Anything else is refused before it is looked for."""
    with pytest.raises(ConfigError, match="definition"):
        check_parameters(IngestParameters, {"definition": definition}, "ingest")


def groups(evaluations: int = 100, references: tuple[str, ...] = ()) -> dict[str, Any]:
    recipe = Recipe(optimizer="differential_evolution")
    return {
        "optimize": OptimizeParameters(evaluations=evaluations),
        "evaluate": EvaluateParameters(),
        "arms": {
            "de": recipe,
            "ga": Recipe(optimizer="saga", population=20),
            "random_search": Recipe(optimizer="random_search"),
        },
        "references": {name: Recipe(optimizer="slsqp") for name in references},
    }


def test_a_sound_study_is_ready() -> None:
    """Nothing is raised."""
    check_ready(Study(**ENTRY), groups(references=("slsqp",)))


def test_what_would_mean_nothing_stops_early() -> None:
    """A population above the budget, a metric that ranks nothing, a name used twice."""
    with pytest.raises(ConfigError, match=r"arms.de.population: expected at most .* 25 eval"):
        check_ready(Study(**ENTRY), groups(25))
    slow = {**groups(6000), "arms": {"de": Recipe(optimizer="tpe"), "ga": Recipe(optimizer="gsa")}}
    with pytest.raises(ConfigError, match=r"arms.de.optimizer: .* at most 5000 eval"):
        check_ready(Study(**ENTRY), slow)
    with pytest.raises(ConfigError, match="primary_metric"):
        check_ready(Study(**{**ENTRY, "primary_metric": "feasible"}), groups())
    with pytest.raises(ConfigError, match=r"references.de: expected a name that no arm has"):
        check_ready(Study(**ENTRY), groups(references=("de",)))
