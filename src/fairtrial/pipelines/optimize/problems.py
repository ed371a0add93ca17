"""Optimise a problem: every arm from many seeds, every reference once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import Recipe
from fairtrial.pipelines.wiring import make_node
from fairtrial.problems.parameters import EvaluateParameters, OptimizeParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files


def run_optimizer(
    pack: "Arrays",
    optimize: OptimizeParameters,
    recipe: Recipe,
    seed: int,
    *,
    study: str,
    arm: str,
    role: str,
    blocks: list[str],
) -> "tuple[Arrays, pd.DataFrame]":
    """Run one arm over its blocks, all seeds at once, or a reference once."""
    from fairtrial.core.seeds import stream_seed
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.search import search

    # Runs are independent: the arm is part of the stream, so that no two arms share a start.
    seeds = {block: stream_seed(seed, study, block, arm, "optimize") for block in blocks}
    return search(from_pack(pack), recipe, optimize.evaluations, seeds, arm=arm, role=role)


def sweep_settings(
    pack: "Arrays",
    optimize: OptimizeParameters,
    evaluate: EvaluateParameters,
    seed: int,
    *,
    study: str,
) -> "tuple[pd.DataFrame, Files]":
    """Run one optimiser over a grid of its settings, and map them."""
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.exhibits.sweep import sweep_exhibit
    from fairtrial.problems.sweep import run_sweep

    if optimize.sweep is None:
        raise TypeError("a study with a sweep")
    problem = from_pack(pack)
    table = run_sweep(problem, optimize.sweep, seed, study)
    return table, sweep_exhibit(table, optimize.sweep, problem.optimum, evaluate.gap_resolution)


def create_problems_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """One node an arm and chunk, one a reference, one for the sweep of settings."""
    jobs = [
        (f"params:arms.{arm}", f"{arm}__{chunk}", arm, "arm", list(blocks))
        for arm in study.arms
        for chunk, blocks in study.chunks().items()
    ]
    jobs += [
        (f"params:references.{name}", f"{name}__0", name, "reference", ["reference"])
        for name in groups["references"]
    ]
    sweep = [
        make_node(
            sweep_settings,
            ["pack", "params:optimize", "params:evaluate", "params:seed"],
            ["sweep", "figure__sweep"],
            stage="optimize",
            name="sweep_settings",
            study=study.name,
        )
    ]
    return Pipeline(
        [
            make_node(
                run_optimizer,
                ["pack", "params:optimize", recipe, "params:seed"],
                [f"outputs__{suffix}", f"history__{suffix}"],
                stage="optimize",
                name=f"{'run_optimizer' if role == 'arm' else 'solve_reference'}__{suffix}",
                study=study.name,
                arm=arm,
                role=role,
                blocks=blocks,
            )
            for recipe, suffix, arm, role, blocks in jobs
        ]
        + (sweep if groups["optimize"].sweep is not None else [])
    )
