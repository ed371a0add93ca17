"""A mix by sieves as matrices, and the programs that are built from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.optimizers.libraries.highs import solve
from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.compile import compile_problem
from fairtrial.problems.practice.parameters import Terms
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.blends import Source
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.table import BlendTable

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bought:
    """The cheapest mix on some terms.

    Attributes:
        name: of the terms.
        point: (D,) shares; none where no mix keeps them.
        objective: cost, fixed charges included.
        charges: of it, fixed.
    """

    name: str
    point: FloatArray | None
    objective: float
    charges: float


def require_sieves(problem: Problem, part: str) -> None:
    """Refuse what only a mix by sieves has.

    Raises:
        ConfigError: the problem is no mix by sieves.
    """
    if not problem.sieve_mm:
        raise ConfigError(
            f"evaluate.practice.{part}",
            "a blend whose table starts with a column sieve_mm",
            f"the problem {problem.definition.name}",
            "Take it out.",
        )


def passing_matrix(problem: Problem) -> FloatArray:
    """(S, D) percent of each component passing each sieve, in the order of the problem's rows."""
    slopes = problem.functions.slopes(problem.lower[None])[0]
    return np.array(slopes[1 : 1 + len(problem.sieve_mm)])


def cost_of(problem: Problem) -> FloatArray:
    """(D,) cost of each component, without what is charged once."""
    return np.array(problem.functions.slopes(problem.lower[None])[0, 0])


def on_terms(problem: Problem, name: str, terms: Terms) -> Bought:
    """The cheapest mix with other terms of buying than the file's.

    Raises:
        ConfigError: the problem is no blend.
        DataError: a supplier has a component that the table lacks.
    """
    blend = problem.definition.blend
    if blend is None:
        raise ConfigError(
            f"evaluate.practice.terms.{name}",
            "a blend",
            f"the problem {problem.definition.name}",
            "Take it out.",
        )
    stated = terms.model_dump(exclude={"suppliers"}, exclude_none=True)
    if terms.suppliers:
        stated["sources"] = {
            name: Source(components=components) for name, components in terms.suppliers.items()
        }
    definition = problem.definition.model_copy(update={"blend": blend.model_copy(update=stated)})
    changed = compile_problem(definition, _table(problem), Document(definition.name, {}, {}))
    program = changed.linear_program()
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    point = solve_mix(program, changed)
    if point is None:
        return Bought(name, None, np.nan, np.nan)
    objective = float(changed.evaluate(point[None])[0][0])
    return Bought(name, point, objective, objective - float(cost_of(problem) @ point))


def solve_mix(program: LinearProgram, problem: Problem) -> FloatArray | None:
    """The (D,) shares that solve ``program``; none where no mix keeps its rows.

    Raises:
        TrialError: HiGHS ended otherwise.
    """
    try:
        point = solve(program, problem.lower, problem.upper).point[: problem.lower.size]
    except TrialError as error:
        if "infeasible" not in str(error).lower():
            raise
        return None
    return np.maximum(point, 0.0)


def _table(problem: Problem) -> BlendTable:
    """The table that a blend was compiled from."""
    slopes = problem.functions.slopes(problem.lower[None])[0]
    count = next(index for index, row in enumerate(problem.rows) if row.name == "total")
    return BlendTable(
        kind="sieve_mm" if problem.sieve_mm else "property",
        components=problem.names,
        properties=tuple(row.name for row in problem.rows[:count]),
        cost=slopes[0],
        composition=slopes[1 : 1 + count],
        lower=np.array([row.low for row in problem.rows[:count]]),
        upper=np.array([row.high for row in problem.rows[:count]]),
    )
