"""Settings of the optimisers of this package; light, because configuration is read with them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, Flag, NonNegative, Parameters, Positive, Share


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


class GsaSettings(Parameters):
    """Gravitational search of Rashedi et al. 2009.

    Args:
        population: agents a generation.
        g0: gravity at the start, in widths of the box; the paper's 100, for boxes of any width,
            means 0.5 in [-100, 100] and 5 in [-10, 10].
        alpha: how fast gravity falls: exp(-alpha) of it is left at the end.
        masses: from values (the paper; infeasible points as in SAGA), or from ranks by Deb's
            rules, which keeps its pressure whatever the scale of objective and violation.
    """

    population: Annotated[int, Field(strict=True, ge=2)] = 50
    g0: Positive = 5.0
    alpha: NonNegative = 20.0
    masses: Literal["value", "rank"] = "value"


class CmaEsSettings(Parameters):
    """CMA-ES of Hansen and Ostermeier 2001, with restarts.

    Args:
        population: points a generation before the first restart; by default 4 + 3 ln(D).
        step: standard deviation of the first steps, in widths of the box.
    """

    population: Annotated[int, Field(strict=True, ge=4)] | None = None
    step: Annotated[Positive, Field(le=1)] = 0.3


class TpeSettings(Parameters):
    """Tree-structured Parzen estimator of Bergstra et al. 2011.

    Args:
        startup: uniform points before the estimate decides.
        candidates: points among which the expected improvement chooses.
        multivariate: estimates the variables together instead of one by one.
    """

    # A step looks at all before it: the time grows with the square of the budget.
    largest_budget: ClassVar[int] = 5000

    startup: Count = 10
    candidates: Count = 24
    multivariate: Flag = True


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
