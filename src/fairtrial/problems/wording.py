"""Points, limits and rows in words and in tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fairtrial.core.text import number_text
from fairtrial.problems.problem import Problem
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]

_ROUNDED = 1 + 1e-6


def row_name(problem: Problem, row: Row) -> str:
    """Name of a constraint for people: a sieve is called one."""
    is_sieve = row in problem.rows[: len(problem.sieve_mm)]
    return f"passing {row.name} mm" if is_sieve else row.name


def limits_text(row: Row) -> str:
    """``= 1``, ``at most 10``, ``at least 2`` or ``23 to 47``."""
    if row.low == row.high:
        return f"= {row.low:.9g}"
    if not np.isfinite(row.low):
        return f"at most {row.high:.9g}"
    if not np.isfinite(row.high):
        return f"at least {row.low:.9g}"
    return f"{row.low:.9g} to {row.high:.9g}"


def is_missed(problem: Problem, row: Row, value: float) -> bool:
    """Whether a row's value lies outside its limits by more than its tolerance."""
    limit = row.low if value < row.low else row.high
    excess = max(row.low - value, value - row.high)
    # Searches go to the last bit of a tolerance: rounding must not count as missing it.
    return not excess <= _ROUNDED * problem.tolerance(row) * max(1.0, abs(limit))


def missed_rows(problem: Problem, point: FloatArray, rows: FloatArray) -> list[str]:
    """What a point (D,) with row values (M,) misses: rows, then bounds of the box."""
    missed = [
        f"{row_name(problem, row)} is {with_unit(number_text(float(value), 6), row.unit)} "
        f"against {limits_text(row)}"
        for row, value in zip(problem.rows, rows, strict=True)
        if is_missed(problem, row, float(value))
    ]
    for name, unit, value, low, high in zip(
        problem.names, problem.units, point, problem.lower, problem.upper, strict=True
    ):
        if is_missed(problem, Row(name, unit, float(low), float(high)), float(value)):
            told = with_unit(number_text(float(value), 6), unit)
            missed.append(f"{name} is {told} against the box {low:g} to {high:g}")
    if problem.levels is not None:
        off = np.abs(point - problem.levels.nearest(point[None])[0])
        scale = problem.definition.tolerance * np.maximum(1.0, np.abs(point))
        missed += [
            f"{name} is {number_text(float(value), 6)}, which is none of its values"
            for name, value, apart, allowed in zip(problem.names, point, off, scale, strict=True)
            if apart > allowed
        ]
    return missed


def point_text(problem: Problem, point: FloatArray) -> str:
    """``x1 = 1.5, x2 = 2``, or of a mix its shares in percent: ``CCA 48, CCS 29, GCS 23 %``."""
    if problem.definition.blend is not None:
        parts = [
            f"{name} {100 * share:.4g}"
            for name, share in sorted(zip(problem.names, point, strict=True), key=lambda x: -x[1])
            if share > 1e-9
        ]
        return f"{', '.join(parts)} %"
    return ", ".join(
        f"{name} = {value:.6g}" for name, value in zip(problem.names, point, strict=True)
    )


def with_unit(text: str, unit: str) -> str:
    """``12 Rs``, or the number alone."""
    return f"{text} {unit}" if unit else text


def headed(name: str, unit: str) -> str:
    """``volume (m3)`` as a heading, or the name alone."""
    return f"{name} ({unit})" if unit else name


def clean(value: float) -> float:
    """Zero for what is only rounding."""
    return 0.0 if abs(value) < 1e-12 else float(value)
