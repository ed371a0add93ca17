"""Functions that are no numbers: nowhere in the box, or just at one of its bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import components

FloatArray = npt.NDArray[np.float64]

_SAMPLES = 256  # points of the box at which a function must be a number once
_FACE = 16  # points of each of its faces
_BATCH = 32  # variables that are moved in one evaluation
_INSIDE = 1e-7  # of the span: what a bound would have to be moved by


def check_numbers(problem: Problem, document: Document) -> None:
    """Refuse functions that are no number anywhere, or at a bound but not beside it.

    Raises:
        DataError: naming the line of the function, or of the variable with the bound.
    """
    span = problem.upper - problem.lower
    rng = np.random.default_rng(0)
    points = problem.lower + rng.random((_SAMPLES, span.size)) * span
    names = ["objective", *(f"constraints.{row.name}" for row in problem.rows)]
    names += ["second_objective"] if problem.second is not None else []
    for name, found in zip(names, _values(problem, points), strict=True):
        if not np.isfinite(found).any():
            raise document.error(
                name.split("."),
                "a finite value somewhere in the box",
                f"none at {_SAMPLES} points of it",
                "Mend the expression or the bounds.",
            )
    if problem.definition.blend is None:
        _check_bounds(problem, points[:_FACE], names, document)


def _check_bounds(
    problem: Problem, points: FloatArray, names: list[str], document: Document
) -> None:
    """Put each variable of ``points`` on its bounds, and beside them, many in one evaluation."""
    count, sides = problem.lower.size, (problem.lower, problem.upper)
    step = _INSIDE * (problem.upper - problem.lower)
    for start in range(0, count, _BATCH):
        group = range(start, min(start + _BATCH, count))
        # (variables, sides, on the bound or inside, points, D)
        moved = np.broadcast_to(points, (len(group), 2, 2, *points.shape)).copy()
        for place, index in enumerate(group):
            for side, (bound, inwards) in enumerate(zip(sides, (1.0, -1.0), strict=True)):
                moved[place, side, 0, :, index] = bound[index]
                moved[place, side, 1, :, index] = bound[index] + inwards * step[index]
        values = _values(problem, moved.reshape(-1, count))
        finite = np.isfinite(values.reshape(len(names), *moved.shape[:-1]))
        # (functions, variables, sides)
        lost = ~finite[..., 0, :].any(axis=-1) & finite[..., 1, :].any(axis=-1)
        if lost.any():
            function, place, side = (int(i) for i in np.argwhere(lost)[0])
            variable = problem.names[group[place]]
            raise document.error(
                ("variables", _entry(problem, variable)),
                f"numbers at the bound {variable} = {sides[side][group[place]]:g}",
                f"none for {names[function]}",
                "Move the bound inwards a little, or mend the expression.",
            )


def _values(problem: Problem, points: FloatArray) -> FloatArray:
    """(K, N) of all functions."""
    values = problem.functions.values(points)
    if problem.second is None:
        return values
    return np.vstack([values, problem.second.values(points)])


def _entry(problem: Problem, component: str) -> str:
    """The key of the file that states ``component``."""
    variables = problem.definition.variables.items()
    return next(name for name, own in variables if component in components(name, own.count))
