"""Grading curves: those of standards, power curves, and the numbers that sum a curve up."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import ConfigError

FloatArray = npt.NDArray[np.float64]

# Sieves over which k-value and D-sum are defined (DIN 1045-2), and ASTM C125's for the modulus.
K_SIEVES_MM = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 31.5, 63.0)
MODULUS_SIEVES_MM = (0.15, 0.3, 0.6, 1.18, 2.36, 4.75, 9.5, 19.0, 37.5, 75.0)


@dataclass(frozen=True)
class Band:
    """A curve of the library: limits of the passing, which coincide where it is a single line.

    Attributes:
        sieve_mm: (S,) ascending.
        lower, upper: (S,) percent passing.
        source: where it is stated.
    """

    sieve_mm: FloatArray
    lower: FloatArray
    upper: FloatArray
    source: str


@dataclass(frozen=True)
class Numbers:
    """What sums a curve up.

    Attributes:
        k_value: sum of the percentages retained on the nine sieves of DIN 1045-2, over 100.
        d_sum: sum of the percentages passing them; 100 k + D = 900.
        modulus: fineness modulus, over the sieves of ASTM C125.
        read_off: whether a sieve had to be read off the line between its neighbours.
    """

    k_value: float
    d_sum: float
    modulus: float
    read_off: bool


@cache
def library() -> dict[str, Band]:
    """Every curve of `curves.csv` by its name."""
    text = (files(__package__) / "curves.csv").read_text(encoding="utf-8")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows.setdefault(row["curve"], []).append(row)
    return {name: _band(own) for name, own in rows.items()}


def _band(rows: Sequence[dict[str, str]]) -> Band:
    rows = sorted(rows, key=lambda row: float(row["sieve_mm"]))
    sieves, lower, upper = (
        np.array([float(row[key]) for row in rows]) for key in ("sieve_mm", "lower", "upper")
    )
    return Band(sieves, lower, upper, rows[0]["source"])


def find_curve(name: str) -> Band:
    """A curve of the library.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in library():
        raise ConfigError(
            "evaluate.practice.grading.curves",
            f"names of the library ({', '.join(library())})",
            repr(name),
            "Mend the name, or take it out.",
        )
    return library()[name]


def power_curve(sieve_mm: FloatArray, largest_mm: float, exponent: float) -> FloatArray:
    """(S,) percent passing 100 (d / D)^n.

    Args:
        sieve_mm: (S,) d.
        largest_mm: D, from which on all passes.
        exponent: n; 0.5 is the curve of Fuller and Thompson (1907).
    """
    passing: FloatArray = 100.0 * np.minimum(sieve_mm / largest_mm, 1.0) ** exponent
    return passing


def passing_at(sieve_mm: FloatArray, passing: FloatArray, wanted_mm: FloatArray) -> FloatArray:
    """Percent passing other sieves, on straight lines over the logarithm of the size.

    Below the smallest sieve the line goes on to 0 at half its size; above the largest all passes
    what passes there.

    Args:
        sieve_mm: (S,) ascending.
        passing: (S,) percent.
        wanted_mm: (W,).
    """
    sizes = np.concatenate([[sieve_mm[0] / 2], sieve_mm])
    found: FloatArray = np.interp(
        np.log(wanted_mm), np.log(sizes), np.concatenate([[0.0], passing])
    )
    return found


def numbers_of(sieve_mm: FloatArray, passing: FloatArray) -> Numbers:
    """k-value, D-sum and fineness modulus of a curve.

    Args:
        sieve_mm: (S,) in any order.
        passing: (S,) percent.

    Source: DIN 1045-2 (k, D), ASTM C125 (modulus).
    """
    order = np.argsort(sieve_mm)
    sieves, values = sieve_mm[order], passing[order]
    at_k = passing_at(sieves, values, np.array(K_SIEVES_MM))
    at_modulus = passing_at(sieves, values, np.array(MODULUS_SIEVES_MM))
    below = {size for size in K_SIEVES_MM if size <= sieves[-1]}
    return Numbers(
        k_value=float((100.0 - at_k).sum() / 100.0),
        d_sum=float(at_k.sum()),
        modulus=float((100.0 - at_modulus).sum() / 100.0),
        read_off=not below <= set(sieves.tolist()),
    )
