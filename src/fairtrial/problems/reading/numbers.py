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
    if problem.definition.blend is not None:
        return
    for index, variable in enumerate(problem.names):
        for bound, inwards in ((problem.lower, 1.0), (problem.upper, -1.0)):
            face = points[:_FACE].copy()
            face[:, index] = bound[index]
            inside = face.copy()
            inside[:, index] += inwards * _INSIDE * span[index]
            lost = ~np.isfinite(_values(problem, face)).any(axis=1)
            lost &= np.isfinite(_values(problem, inside)).any(axis=1)
            if lost.any():
                raise document.error(
                    ("variables", _entry(problem, variable)),
                    f"numbers at the bound {variable} = {bound[index]:g}",
                    f"none for {names[int(np.argmax(lost))]}",
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
