"""Parameters of ``evaluate.practice``; light, because configuration is read with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from fairtrial.core.parameters import Count, Name, NonNegative, Parameters, Positive, Share

Probability = Annotated[float, Field(strict=True, gt=0.5, lt=1)]


def _ascending(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise ValueError("values in ascending order, each once")
    return values


Ascending = Annotated[tuple[Positive, ...], Field(min_length=2), AfterValidator(_ascending)]


class Grading(Parameters):
    """Charts and characteristic numbers of a mix by sieves.

    Args:
        largest_mm: grain size at which the power curves reach 100 %.
        exponents: of the power curves to compare with; 0.5 is Fuller's.
        curves: names of the library's limit curves to draw beside them.
    """

    largest_mm: Positive
    exponents: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.5,)
    curves: tuple[Name, ...] = ()


class Spread(Parameters):
    """Gradings that differ from delivery to delivery, and a mix that stands it.

    Args:
        spread_points: standard deviation of a component's passing, in percent passing; towards 0
            and 100 it shrinks so that four of them stay within.
        keep: probability with which the robust mix keeps each limit of each sieve.
        deliveries: simulated, to see how many stay within every limit.
    """

    spread_points: Positive
    keep: Probability = 0.95
    deliveries: Count = 10_000


class Front(Parameters):
    """Cost against distance from a power curve, the curve's exponent being anything in a range.

    Args:
        largest_mm: grain size at which the curves reach 100 %.
        exponents: one front each.
        points: on each front.
    """

    largest_mm: Positive
    exponents: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.45, 0.5, 0.6, 0.7)
    points: Annotated[int, Field(strict=True, ge=2)] = 12


class Terms(Parameters):
    """Terms of buying, in place of the file's own.

    Args:
        suppliers: name -> components that come from it; the others are sources by themselves.
        fixed_cost: charged for each source that is used.
        most_sources: how many may be used.
        minimum_dose: share of a source that is used at all.
    """

    suppliers: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    fixed_cost: NonNegative | None = None
    most_sources: Count | None = None
    minimum_dose: Share | None = None


class Map(Parameters):
    """The objective over two variables, the others as in the answer, with an arm's way to it.

    Args:
        x, y: variables.
        arm: whose best run's improvements are drawn.
    """

    x: str
    y: str
    arm: Name


class Plates(Parameters):
    """A measure that is made of whole plates.

    Args:
        variable: which measure.
        widths: of plates there are to choose from, in the variable's unit.
    """

    variable: str
    widths: Annotated[tuple[Positive, ...], Field(min_length=1)]


class Vary(Parameters):
    """A constant of the problem that may turn out otherwise.

    Args:
        constant: its name.
        factors: of its value.
    """

    constant: str
    factors: Ascending = (0.5, 0.625, 0.75, 0.875, 1.0, 1.25, 1.5, 1.75, 2.0)


class Practice(Parameters):
    """What is asked of a problem beyond its answer; each gives a figure or a table of its own.

    Args:
        grading, spread, front, terms: of a mix by sieves (`terms`: of any mix), the last by the
            name that the page calls them.
        map, plates, vary: of a problem in expressions.
    """

    grading: Grading | None = None
    spread: Spread | None = None
    front: Front | None = None
    terms: dict[Name, Terms] = Field(default_factory=dict)
    map: Map | None = None
    plates: Plates | None = None
    vary: Vary | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the parts that are asked for, in the order of the page."""
        return tuple(name for name in type(self).model_fields if getattr(self, name))

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.asked:
            raise ValueError("at least one of " + ", ".join(type(self).model_fields))
        return self
