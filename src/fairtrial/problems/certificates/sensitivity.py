"""What the optimum owes to each number of the problem.

Source: the envelope theorem (Fiacco 1976, Math. Programming 10, 287-311): at a strict optimum the
first change of the best value is that of the Lagrangian, with point and multipliers held fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.certificates.exact import compile_exactly, reread
from fairtrial.problems.certificates.linear import LinearProof
from fairtrial.problems.certificates.refine import binding_end
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.declared import constants_of

FloatArray = npt.NDArray[np.float64]

_STEP = 1e-6  # relative change of a constant; the error of the difference is its square

COLUMNS = ("number", "value", "slope", "percent")


def sensitivities(problem: Problem, point: FloatArray, prices: FloatArray) -> pd.DataFrame:
    """Change of the optimum with each constant of the file, in the user's sense.

    Args:
        problem: in expressions.
        point: (D,) the optimum.
        prices: (M,) of the limits there, in the sense of minimisation.

    Columns: number; value; slope, change of the optimum for each unit of the constant; percent,
    change of the optimum in % for 1 % of the constant (none where the optimum or the constant is
    0). The steepest first.
    """
    rows = []
    for name, value in constants_of(problem.definition).items():
        step = _STEP * (abs(value) or 1.0)
        ends = [_lagrangian(problem, point, prices, {name: value + move}) for move in (-step, step)]
        rows.append((name, value, problem.sign * (ends[1] - ends[0]) / (2 * step)))
    return _table(rows, problem.sign * float(problem.evaluate(point[None])[0][0]))


def _lagrangian(
    problem: Problem, point: FloatArray, prices: FloatArray, constants: dict[str, float]
) -> float:
    """Objective less the prices of the limits times their rows, with other constants."""
    read = reread(problem, constants)
    expressions = [read.objective, *(expression for expression, _, _ in read.rows)]
    values = compile_exactly(list(read.symbols.values()), expressions)([float(x) for x in point])
    total = float(values[0])
    for value, (_, low, high), price in zip(values[1:], read.rows, prices, strict=True):
        if price:
            total -= price * (float(value) - binding_end(low, high, price))
    return total


def linear_sensitivities(
    problem: Problem, program: LinearProgram, proof: LinearProof
) -> pd.DataFrame:
    """The same for the numbers of a blend's table: costs, and what binding rows are made of.

    A cost counts with its share, a cell of a row with minus the row's price times the share.
    """
    rows: list[tuple[str, float, float]] = []
    for share, cost, name in zip(proof.point, program.cost, problem.names, strict=True):
        rows.append((f"cost of {name}", float(cost), float(share)))
    for row, price, line in zip(problem.rows, proof.prices, program.rows, strict=True):
        # The sum of the shares is no number that anyone measured.
        if price and row.low != row.high:
            rows += _cells(row.name, line, price, proof.point, problem.names)
    return _table([row for row in rows if row[2]], float(proof.objective))


def _cells(
    row: str, line: FloatArray, price: Fraction, point: Sequence[Fraction], names: Sequence[str]
) -> list[tuple[str, float, float]]:
    return [
        (f"{name} at {row}", float(value), float(-price * share))
        for name, value, share in zip(names, line, point, strict=True)
    ]


def _table(rows: Sequence[tuple[str, float, float]], optimum: float) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS[:3]))
    whole = table["slope"] * table["value"] / (optimum or np.nan)
    table["percent"] = whole.where(table["value"] != 0)
    order = table["percent"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
