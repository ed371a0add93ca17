"""Settings of the optimisers of this package; light, because configuration is read with them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, Parameters, Positive, Share


class DifferentialEvolutionSettings(Parameters):
    """Storn and Price 1997, as the tank paper uses it.

    Args:
        strategy: the base vector of a mutant: a random one (rand1bin) or the run's best
            (best1bin); both add one difference and cross binomially.
        population: NP, candidates a generation.
        weight: F, the factor on the difference.
        crossover: CR, the probability that a component comes from the mutant.
    """

    strategy: Literal["rand1bin", "best1bin"] = "rand1bin"
    population: Annotated[int, Field(strict=True, ge=4)] = 30
    weight: Annotated[float, Field(strict=True, gt=0, le=2)] = 0.8
    crossover: Share = 0.5


class SagaSettings(Parameters):
    """Changing-range genetic algorithm of Amirjanov and Sobolev 2005.

    Args:
        reading: paper: the choices that the paper leaves open are those that reproduce its
            pattern. repaired: selection by rank and elitism, which it does without (see
            `fairtrial.optimizers.saga`).
        population: individuals a generation.
        bits: length of a variable's binary string.
        crossover: probability of one-point crossover of a pair.
        mutation: probability that a bit flips.
        change_first: generation of the first change of range; null for the plain GA.
        change_every: generations between later changes.
        k: the new upper end is k times the reference point's value, never above the first one.
    """

    reading: Literal["paper", "repaired"] = "paper"
    population: Annotated[int, Field(strict=True, ge=2, multiple_of=2)] = 100
    bits: Annotated[int, Field(strict=True, ge=2, le=30)] = 10
    crossover: Share = 0.85
    mutation: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.02
    change_first: Count | None = 200
    change_every: Count = 80
    k: Annotated[float, Field(strict=True, gt=1)] = 2.0


class RandomSearchSettings(Parameters):
    """Uniform points in the box; nothing to set."""


class SlsqpSettings(Parameters):
    """Sequential quadratic programming (Kraft 1988) by scipy.

    Args:
        starts: starting points: the centre of the box, then uniform ones.
        accuracy: scipy's ``ftol``.
    """

    starts: Count = 5
    accuracy: Positive = 1e-12


class HighsSettings(Parameters):
    """Exact solution of a linear program by HiGHS; nothing to set."""
