"""A design when something is given: one measure in whole plates, or a constant that moves.

The others are at their best again, found by a local solver with exact slopes from the answer on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from fairtrial.core.errors import ConfigError
from fairtrial.problems.compile import compile_problem
from fairtrial.problems.definition import Definition
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import Constant

FloatArray = npt.NDArray[np.float64]

_CORRECTIONS = 4


@dataclass(frozen=True)
class Plated:
    """The best design whose measure is a whole number of plates of one width.

    Attributes:
        width: of the plates.
        count: how many.
        point: (D,) the design.
        objective: in the sense of minimisation.
    """

    width: float
    count: int
    point: FloatArray
    objective: float


@dataclass(frozen=True)
class Varied:
    """The best design with a constant at another value.

    Attributes:
        value: of the constant.
        point: (D,) the best design; none where none is feasible.
        objective: of it, in the sense of minimisation.
        kept: the objective of today's design at that value; none where it is not feasible then.
    """

    value: float
    point: FloatArray | None
    objective: float
    kept: float | None


def place_of(problem: Problem, name: str, part: str) -> int:
    """Index of a continuous variable.

    Raises:
        ConfigError: there is none of that name, or it has levels of its own.
    """
    if name not in problem.names:
        raise ConfigError(
            f"evaluate.practice.{part}",
            f"a variable ({', '.join(problem.names)})",
            repr(name),
            "Mend the name.",
        )
    index = problem.names.index(name)
    if problem.levels is not None and problem.levels.discrete[index]:
        raise ConfigError(
            f"evaluate.practice.{part}", "a continuous variable", name, "Choose another one."
        )
    return index


def best_near(
    problem: Problem, start: FloatArray, fixed: Mapping[int, float] | None = None
) -> FloatArray | None:
    """A local optimum (D,) from ``start`` on with some variables held; none if not feasible.

    Args:
        problem: in expressions; variables with levels stay where they start.
        start: (D,).
        fixed: index -> value.
    """
    held = np.zeros(start.size, dtype=np.bool_)
    point = start.copy()
    for index, value in (fixed or {}).items():
        held[index], point[index] = True, value
    if problem.levels is not None:
        held |= problem.levels.discrete
    free = np.flatnonzero(~held)
    span = problem.upper - problem.lower
    scale = max(abs(float(problem.evaluate(point[None])[0][0])), 1e-12)

    def full(steps: FloatArray) -> FloatArray:
        moved = point.copy()
        moved[free] = problem.lower[free] + steps * span[free]
        return moved[None]

    equal = np.array([side.equality for side in problem.sides()], dtype=np.bool_)
    size = np.array([max(1.0, abs(side.limit)) for side in problem.sides()])
    parts = [("eq", np.flatnonzero(equal), 1.0), ("ineq", np.flatnonzero(~equal), -1.0)]
    found = minimize(
        lambda y: float(problem.functions.values(full(y))[0, 0]) / scale,
        (point[free] - problem.lower[free]) / span[free],
        jac=lambda y: problem.slopes(full(y))[0, 0][free] * span[free] / scale,
        bounds=[(0.0, 1.0)] * free.size,
        constraints=[
            {
                "type": kind,
                "fun": lambda y, c=columns, s=sign: s * (problem.excess(full(y))[0] / size)[c],
                "jac": lambda y, c=columns, s=sign: (
                    s * (problem.slopes(full(y))[0, 1 + c][:, free] * span[free]) / size[c, None]
                ),
            }
            for kind, columns, sign in parts
            if columns.size
        ],
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-14},
    )
    best = _onto_limits(problem, full(np.clip(found.x, 0.0, 1.0)), free)
    return best[0] if problem.evaluate(best)[1][0] == 0 else None


def _onto_limits(problem: Problem, point: FloatArray, free: npt.NDArray[np.int64]) -> FloatArray:
    """``point`` (1, D) moved by the least onto the limits that it misses by a solver's tolerance.

    A solver stops as soon as it is near; the problem's own tolerance may be tighter.
    """
    span = (problem.upper - problem.lower)[free]
    equal = np.array([side.equality for side in problem.sides()], dtype=np.bool_)
    for _ in range(_CORRECTIONS if equal.size and free.size else 0):
        excess = problem.excess(point)[0]
        missed = np.flatnonzero(equal | (excess > 0))
        if not missed.size:
            break
        slopes = problem.slopes(point)[0, 1 + missed][:, free] * span
        step = np.linalg.lstsq(slopes, -excess[missed])[0] * span
        point[0, free] = np.clip(point[0, free] + step, problem.lower[free], problem.upper[free])
    return point


def in_plates(
    problem: Problem, start: FloatArray, variable: str, widths: Sequence[float]
) -> list[Plated]:
    """For each width, the best design whose ``variable`` is a whole number of plates.

    A width that no design can be made of is left out.

    Raises:
        ConfigError: there is no such continuous variable.
    """
    index = place_of(problem, variable, "plates.variable")
    low, high = problem.lower[index], problem.upper[index]
    found = []
    for width in widths:
        designs = []
        for count in range(max(1, int(np.ceil(low / width - 1e-9))), int(high / width + 1e-9) + 1):
            point = best_near(problem, start, {index: count * width})
            if point is not None:
                value = float(problem.evaluate(point[None])[0][0])
                designs.append(Plated(width, count, point, value))
        if designs:
            found.append(min(designs, key=lambda design: design.objective))
    return found


def with_constant(problem: Problem, name: str, value: float) -> Problem:
    """The same problem with a constant at another value.

    Raises:
        ConfigError: the file names no such number.
    """
    definition: Definition = problem.definition
    single = {
        key for key in definition.constants if not isinstance(definition.constant(key).value, tuple)
    }
    if name not in single:
        raise ConfigError(
            "evaluate.practice.vary.constant",
            f"a constant of the problem ({', '.join(sorted(single)) or 'it has none'})",
            repr(name),
            "Mend the name.",
        )
    stated = definition.constant(name)
    constants = {**definition.constants, name: Constant(value=value, unit=stated.unit)}
    changed = definition.model_copy(update={"constants": constants})
    return compile_problem(changed, None, Document(definition.name, {}, {}))


def with_factors(
    problem: Problem, point: FloatArray, name: str, factors: Sequence[float]
) -> list[Varied]:
    """The best design at each multiple of a constant, each sought from ``point`` on.

    Raises:
        ConfigError: the file names no such number.
    """
    with_constant(problem, name, 1.0)  # tells a wrong name before its value is asked for
    base = problem.definition.constant(name).value
    if isinstance(base, tuple):
        raise TypeError("a single number")
    found = []
    for factor in factors:
        changed = with_constant(problem, name, factor * base)
        best = best_near(changed, point)
        kept, violation = changed.evaluate(point[None])
        found.append(
            Varied(
                value=factor * base,
                point=best,
                objective=np.nan if best is None else float(changed.evaluate(best[None])[0][0]),
                kept=None if violation[0] > 0 else float(kept[0]),
            )
        )
    return found
