"""Settings of our own searches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Flag, NonNegative, Parameters, Positive, Share
from fairtrial.optimizers.parameters.constraints import ConstraintSettings

# The ten of Price, Storn and Lampinen 2005, and scipy's randtobest1.
Strategy = Literal[
    "rand1bin",
    "rand1exp",
    "rand2bin",
    "rand2exp",
    "best1bin",
    "best1exp",
    "best2bin",
    "best2exp",
    "currenttobest1bin",
    "currenttobest1exp",
    "randtobest1bin",
    "randtobest1exp",
]


class DifferentialEvolutionSettings(ConstraintSettings):
    """Storn and Price 1997, as the tank paper uses it.

    Args:
        strategy: base vector, number of differences and crossover.
        population: NP, candidates a generation.
        weight: F, the factor on the differences.
        crossover: CR, the probability that a component comes from the mutant.
        outside: what a component becomes that leaves the box: drawn again uniformly (redraw, the
            tank paper), half way between its parent and the bound (bounce), or the bound (clip).
        adaptation: jde: every candidate has its own F and CR, drawn anew with probability 0.1 and
            kept while they win (Brest et al. 2006); weight and crossover are where they start.
    """

    strategy: Strategy = "rand1bin"
    population: Annotated[int, Field(strict=True, ge=4)] = 30
    weight: Annotated[float, Field(strict=True, gt=0, le=2)] = 0.8
    crossover: Share = 0.5
    outside: Literal["redraw", "bounce", "clip"] = "redraw"
    adaptation: Literal["none", "jde"] = "none"

    @model_validator(mode="after")
    def _enough_others(self) -> DifferentialEvolutionSettings:
        needed = 1 + 2 * int(self.strategy[-4]) + self.strategy.startswith("rand")
        if self.population < needed:
            raise ValueError(f"a population of at least {needed} for {self.strategy}")
        return self


class SagaSettings(ConstraintSettings):
    """Changing-range genetic algorithm of Amirjanov and Sobolev 2005.

    Args:
        reading: paper: what the paper leaves open is settled by what reproduces its pattern.
            repaired: selection by rank and elitism, which it does without (see
            `fairtrial.optimizers.own.saga`). The choices below say otherwise where they are set.
        population: individuals a generation.
        bits: length of a variable's binary string.
        crossover: probability of one-point crossover of a pair.
        mutation: probability that a bit flips.
        change_first: generation of the first change of range; null for the plain GA.
        change_every: generations between later changes.
        k: the new upper end is k times the reference point's value, never above the first one.
        threshold: values of the reference point below this share of the box count as zero.
        reference: the point of attraction is the best so far, or that of the generation.
        on_change: keep_bits lets every individual move with the range; keep_points gives it the
            bits nearest to where it was.
        selection: by value (worst - G) or by linear rank; by default as the reading says.
        elitism: the generation's best takes the first child's place; by default as the reading.
        repair: use the task's repair, such as shares divided by their sum.
    """

    reading: Literal["paper", "repaired"] = "paper"
    population: Annotated[int, Field(strict=True, ge=2, multiple_of=2)] = 100
    bits: Annotated[int, Field(strict=True, ge=2, le=30)] = 10
    crossover: Share = 0.85
    mutation: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.02
    change_first: Count | None = 200
    change_every: Count = 80
    k: Annotated[float, Field(strict=True, gt=1)] = 2.0
    threshold: Annotated[float, Field(strict=True, ge=0, lt=1)] = 0.0
    reference: Literal["so_far", "generation"] = "so_far"
    on_change: Literal["keep_bits", "keep_points"] = "keep_bits"
    selection: Literal["value", "rank"] | None = None
    elitism: Flag | None = None
    repair: Flag = True

    @property
    def selects(self) -> str:
        """By what parents are chosen: value or rank."""
        return self.selection or ("value" if self.reading == "paper" else "rank")

    @property
    def keeps_best(self) -> bool:
        """Whether the best survives as it is."""
        return self.reading == "repaired" if self.elitism is None else self.elitism


class GsaSettings(ConstraintSettings):
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


class RandomSearchSettings(Parameters):
    """Uniform points in the box; nothing to set."""
