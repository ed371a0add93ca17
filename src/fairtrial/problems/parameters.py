"""Parameters of ``kind: problems``; light, because configuration is read with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from fairtrial.core.parameters import Count, Name, Parameters, Positive
from fairtrial.optimizers.recipe import Recipe
from fairtrial.problems.practice.parameters import Practice
from fairtrial.statistics.parameters import VerdictParameters

TARGETS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)


class IngestParameters(Parameters):
    """The problem.

    Args:
        definition: path of the problem file below the folder of an environment of conf.
    """

    definition: Annotated[str, Field(pattern=r"^([^/\\]+/)*[^/\\]+\.ya?ml$")]


class Sweep(Parameters):
    """One optimiser over a grid of its settings, for a heat map.

    Args:
        recipe: the optimiser and its other settings.
        x, y: setting -> values along an axis of each map, one each.
        panels: setting -> values, one map each.
        evaluations: of each run; a study's own budget may be too large to tell settings apart.
        runs: seeds at each point of the grid.
    """

    recipe: Recipe
    x: Annotated[dict[str, tuple[float, ...]], Field(min_length=1, max_length=1)]
    y: Annotated[dict[str, tuple[float, ...]], Field(min_length=1, max_length=1)]
    panels: Annotated[dict[str, tuple[float, ...]], Field(min_length=1, max_length=1)]
    evaluations: Count
    runs: Count = 25

    def points(self) -> list[tuple[dict[str, Any], Recipe]]:
        """Every point of the grid: its settings and the recipe with them.

        Raises:
            ValueError: the optimiser refuses one of them.
        """
        (x, xs), (y, ys), (panel, panels) = (
            next(iter(axis.items())) for axis in (self.x, self.y, self.panels)
        )
        grid = [
            {panel: _plain(c), y: _plain(b), x: _plain(a)} for c in panels for b in ys for a in xs
        ]
        base = self.recipe.model_dump()
        return [(point, Recipe.model_validate({**base, **point})) for point in grid]

    @model_validator(mode="after")
    def _every_point_fits(self) -> Sweep:
        if len({*self.x, *self.y, *self.panels}) < 3:
            raise ValueError("three different settings for x, y and panels")
        self.points()
        return self


def _plain(value: float) -> float | int:
    """A whole number where it is one: a population of 30.0 would be refused."""
    return int(value) if float(value).is_integer() else value


class OptimizeParameters(Parameters):
    """What every arm and reference is given.

    Args:
        evaluations: of objective and constraints together, a run; everything is counted.
        sweep: settings of one optimiser to map beside the comparison.
    """

    evaluations: Count
    sweep: Sweep | None = None


def _descending(targets: tuple[float, ...]) -> tuple[float, ...]:
    if any(later >= earlier for earlier, later in pairwise(targets)):
        raise ValueError("targets from the loosest to the tightest, each once")
    return targets


class EvaluateParameters(VerdictParameters):
    """How runs are scored.

    Args:
        targets: relative gaps whose first evaluation is recorded.
        gap_resolution: smaller relative gaps count as this step's multiple, so that the last
            bits of a float decide no rank.
        exhibits: figures that only some problems have, in the order of the page: printed (a
            paper's table beside our recomputation), prices (which price flips a linear mix),
            facilities (the components that each arm selects), sieve_curve (of a blend by
            ``sieve_mm``), two_objectives (the fronts that nsga2 found).
        batch_step: of the shares of a mix that is weighed out: 0.01 is whole percents.
        resamples: of the runs, for intervals of expected running times.
        factors: mechanism -> arms that have it, where the arms are all combinations of several.
        practice: what is asked of the problem beyond its answer.
    """

    targets: Annotated[tuple[Positive, ...], AfterValidator(_descending)] = TARGETS
    gap_resolution: Positive = 1e-9
    exhibits: tuple[
        Literal["printed", "prices", "facilities", "sieve_curve", "two_objectives"], ...
    ] = ()
    batch_step: Annotated[float, Field(strict=True, gt=0, le=0.5)] = 0.01
    resamples: Count = 1000
    factors: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    practice: Practice | None = None


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": IngestParameters,
    "optimize": OptimizeParameters,
    "evaluate": EvaluateParameters,
    "arms": Recipe,
    "references": Recipe,
}
