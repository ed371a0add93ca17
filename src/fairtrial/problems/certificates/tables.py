"""The tables of a certificate: what binds, how far prices reach, what the optimum owes to what."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from fairtrial.problems.certificates.exact import linear_blend
from fairtrial.problems.certificates.linear import Reach
from fairtrial.problems.certificates.proof import Proof
from fairtrial.problems.certificates.sensitivity import linear_sensitivities, sensitivities
from fairtrial.problems.problem import Problem
from fairtrial.problems.rows import Row
from fairtrial.problems.wording import clean, row_name

FloatArray = npt.NDArray[np.float64]
Plain = dict[str, Any]

_BINDS = 1e-6  # relative to the limit's size


def rows_table(problem: Problem, point: FloatArray, proof: Proof) -> list[Plain]:
    """One entry a constraint: value and margin at ``point`` (D,), and the price of its limit.

    ``price`` is the change of the optimum, in the user's sense, for each unit that the limit is
    raised; it holds while the limit stays within ``holds_from`` and ``holds_to``.
    """
    values = problem.row_values(point[None])[0]
    margins = problem.margins(point[None])[0]
    out = []
    for index, row in enumerate(problem.rows):
        price = None if proof.prices is None else clean(problem.sign * proof.prices[index])
        limit = _binding(row, float(values[index]), float(margins[index]))
        reach = None if proof.linear is None else proof.linear.limits.get(index)
        out.append(
            {
                "name": row_name(problem, row),
                "unit": row.unit,
                "low": row.low if np.isfinite(row.low) else None,
                "high": row.high if np.isfinite(row.high) else None,
                "value": clean(float(values[index])),
                "margin": clean(float(margins[index])),
                "binds": limit is not None,
                "limit": limit,
                "price": price,
                **_reach(reach, "holds"),
            }
        )
    return out


def costs_table(problem: Problem, proof: Proof) -> list[Plain]:
    """One entry a component of a blend: its share, its cost and how far that may move.

    ``from`` and ``to`` are the costs between which the same components stay in the same shares.
    """
    program = linear_blend(problem)
    if proof.linear is None or program is None:
        return []
    out = []
    for index, name in enumerate(problem.names):
        out.append(
            {
                "name": name,
                "share": float(proof.linear.point[index]),
                "cost": float(program.cost[index]),
                "reduced_cost": float(proof.linear.reduced[index]),
                **_reach(proof.linear.costs[index], "cost"),
            }
        )
    return out


def constants_table(problem: Problem, proof: Proof) -> list[Plain]:
    """One entry a number of the file: what a unit and what one percent of it change."""
    program = linear_blend(problem)
    if proof.linear is not None and program is not None:
        table = linear_sensitivities(problem, program, proof.linear)
    elif proof.point is not None and proof.prices is not None:
        table = sensitivities(problem, proof.point, proof.prices)
    else:
        return []
    return [
        {str(key): (None if value != value else value) for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def _binding(row: Row, value: float, margin: float) -> float | None:
    """The limit that a row lies on, if it does."""
    limit = row.low if abs(value - row.low) < abs(value - row.high) else row.high
    return float(limit) if margin <= _BINDS * max(1.0, abs(limit)) else None


def _reach(reach: Reach | None, stem: str) -> Plain:
    def number(value: Fraction | None) -> float | None:
        return None if value is None else float(value)

    return {
        f"{stem}_from": None if reach is None else number(reach.low),
        f"{stem}_to": None if reach is None else number(reach.high),
        "below": "" if reach is None else reach.below,
        "above": "" if reach is None else reach.above,
    }
