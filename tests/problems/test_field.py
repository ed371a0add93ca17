"""A comparison needs blind chance and a solver in its field, and effects all combinations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import Recipe
from fairtrial.problems.parameters import EvaluateParameters, OptimizeParameters, Sweep
from fairtrial.problems.ready import check_ready

CHANCE = {"chance": Recipe(optimizer="random_search")}
LOCAL = {"slsqp": Recipe(optimizer="slsqp")}


def check(
    arms: Mapping[str, Recipe],
    references: Mapping[str, Recipe],
    factors: Mapping[str, tuple[str, ...]] | None = None,
    *,
    sweep: Sweep | None = None,
    runs: int = 3,
) -> None:
    study = Study(
        name="tank",
        kind="problems",
        arms=tuple(arms),
        blocks={"runs": runs},
        design="independent",
        primary_metric="relative_gap",
    )
    groups: dict[str, Any] = {
        "arms": arms,
        "references": references,
        "optimize": OptimizeParameters(evaluations=500, sweep=sweep),
        "evaluate": EvaluateParameters(factors=dict(factors or {})),
    }
    check_ready(study, groups)


def search(count: int) -> dict[str, Recipe]:
    return {f"de{i}": Recipe(optimizer="differential_evolution") for i in range(count)}


def test_a_field_with_chance_and_a_solver_is_ready() -> None:
    """The solver may stand beside the arms or among them."""
    check({**search(1), **CHANCE}, LOCAL)
    check({**search(1), **CHANCE, "local": Recipe(optimizer="cobyqa")}, {})
    check({**search(1), **CHANCE}, {"direct": Recipe(optimizer="direct")})


def test_without_random_search_it_is_refused() -> None:
    """The message says what to add."""
    with pytest.raises(ConfigError, match=r"tank\.arms: expected random search .* Add the arm"):
        check(search(2), LOCAL)


def test_without_a_solver_it_is_refused() -> None:
    """A front is no yardstick."""
    with pytest.raises(ConfigError, match=r"tank\.references: expected an exact, local or"):
        check({**search(1), **CHANCE}, {})


def test_what_a_reference_or_a_sweep_lacks_is_told_before_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing extra and a population beyond the budget, wherever the recipe stands."""
    arms = {**search(1), **CHANCE}
    monkeypatch.setattr("fairtrial.optimizers.recipe.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"references\.front.* pymoo is not installed.*install"):
        check(arms, {**LOCAL, "front": Recipe(optimizer="nsga2")})
    with pytest.raises(ConfigError, match=r"arms\.swarm.* pymoo is not installed"):
        check({**arms, "swarm": Recipe(optimizer="pymoo_pso")}, LOCAL)
    sweep = Sweep(
        recipe=Recipe(optimizer="differential_evolution"),
        x={"weight": (0.5, 0.8)},
        y={"crossover": (0.5, 0.9)},
        panels={"population": (30.0, 60.0)},
        evaluations=50,
    )
    with pytest.raises(ConfigError, match=r"sweep\.population: expected at most the budget of 50"):
        check(arms, LOCAL, sweep=sweep)


def test_a_single_run_tells_no_effect() -> None:
    """Without a spread every difference would pass for shown."""
    whole = {"a": ("de1", "de3"), "b": ("de2", "de3")}
    with pytest.raises(ConfigError, match=r"tank\.blocks: expected two runs at least"):
        check({**search(4), **CHANCE}, LOCAL, whole, runs=1)


def test_mechanisms_need_all_their_combinations() -> None:
    """Four arms for two mechanisms; random search stands apart."""
    whole = {"a": ("de1", "de3"), "b": ("de2", "de3")}
    check({**search(4), **CHANCE}, LOCAL, whole)
    with pytest.raises(ConfigError, match="all 4 combinations of a, b, found 3"):
        check({**search(3), **CHANCE}, LOCAL, {"a": ("de1",), "b": ("de2",)})
    with pytest.raises(ConfigError, match=r"factors\.b: expected arms .* found other"):
        check({**search(4), **CHANCE}, LOCAL, {"a": ("de1", "de3"), "b": ("other",)})
