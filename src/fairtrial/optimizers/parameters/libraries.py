"""Settings of the searches and solvers of libraries."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fairtrial.core.parameters import (
    Count,
    Flag,
    Interval,
    NonNegative,
    Parameters,
    Positive,
    Share,
)
from fairtrial.optimizers.parameters.constraints import (
    ConstraintSettings,
    FixedConstraintSettings,
)
from fairtrial.optimizers.parameters.own import Strategy


class CmaEsSettings(ConstraintSettings):
    """CMA-ES of Hansen and Ostermeier 2001, with restarts.

    Args:
        population: points a generation before the first restart; by default 4 + 3 ln(D).
        step: standard deviation of the first steps, in widths of the box.
    """

    population: Annotated[int, Field(strict=True, ge=4)] | None = None
    step: Annotated[Positive, Field(le=1)] = 0.3


class TpeSettings(FixedConstraintSettings):
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


class ScipyDifferentialEvolutionSettings(FixedConstraintSettings):
    """Differential evolution by scipy, without its polish.

    Args:
        strategy: as in `DifferentialEvolutionSettings`.
        population: candidates a generation.
        weight: range from which F is drawn for each generation.
        crossover: CR.
    """

    strategy: Strategy = "best1bin"
    population: Annotated[int, Field(strict=True, ge=5)] = 30
    weight: Interval = (0.5, 1.0)
    crossover: Share = 0.7


class DualAnnealingSettings(FixedConstraintSettings):
    """Generalised simulated annealing by scipy, with local searches (Xiang et al. 1997).

    It weighs values, so that a penalty serves it better than an order.

    Args:
        local_search: search locally (L-BFGS-B) from what annealing accepts.
    """

    constraints: Literal["feasibility", "penalty"] = "penalty"
    local_search: Flag = True


class DirectSettings(FixedConstraintSettings):
    """Division of rectangles by scipy (Jones et al. 1993); it knows no chance.

    Args:
        locally_biased: prefer rectangles near the best (Gablonsky and Kelley 2001).
    """

    constraints: Literal["feasibility", "penalty"] = "penalty"
    locally_biased: Flag = True


class PymooSettings(FixedConstraintSettings):
    """What searches of pymoo share."""

    extra_package: ClassVar[str] = "pymoo"


class PymooGaSettings(PymooSettings):
    """Real-coded genetic algorithm by pymoo: simulated binary crossover, polynomial mutation.

    Args:
        population: individuals a generation.
    """

    population: Annotated[int, Field(strict=True, ge=2)] = 100


class PymooPsoSettings(PymooSettings):
    """Particle swarm by pymoo, with adaptive weights.

    Args:
        population: particles.
    """

    population: Annotated[int, Field(strict=True, ge=2)] = 25


class Nsga2Settings(PymooSettings):
    """NSGA-II (Deb et al. 2002) by pymoo, for tasks with two objectives.

    Args:
        population: points on the front at most.
    """

    population: Annotated[int, Field(strict=True, ge=4, multiple_of=2)] = 100


class LocalSettings(Parameters):
    """What local solvers share.

    Args:
        starts: starting points: the centre of the box, then uniform ones.
        accuracy: where a search from one start ends.
    """

    starts: Count = 5
    accuracy: Positive = 1e-12


class SlsqpSettings(LocalSettings):
    """Sequential quadratic programming (Kraft 1988) by scipy; accuracy is its ``ftol``."""


class CobyqaSettings(LocalSettings):
    """Quadratic models without derivatives (Ragonneau 2022) by scipy.

    Args:
        first_radius: radius of the first trust region, in widths of the box.
        accuracy: radius of the last one, in widths of the box.
    """

    accuracy: Positive = 1e-9
    first_radius: Annotated[Positive, Field(le=1)] = 0.2


class TrustConstrSettings(LocalSettings):
    """Interior points in a trust region (Byrd et al. 1999) by scipy; accuracy is its ``gtol``."""


class HighsSettings(Parameters):
    """Exact solution of a linear or mixed-integer program by HiGHS.

    Args:
        relative_gap: a mixed-integer program counts as solved when it is known to this share.
        nodes: where its search tree ends at the latest; null for no end.
    """

    relative_gap: NonNegative = 0.0
    nodes: Count | None = None
