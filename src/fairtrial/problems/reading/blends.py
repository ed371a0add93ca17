"""What a blend of a problem file may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fairtrial.core.parameters import Count, NonNegative, Parameters, Share
from fairtrial.problems.reading.entries import Unit


class Source(Parameters):
    """Terms of one source of a blend; what is left out is as the blend says for every source.

    Args:
        components: that come from it.
        fixed_cost: charged once if any of them is used.
        minimum_dose: share of all together, if any is used.
        minimum_share, maximum_share: of all together, used or not.
    """

    components: Annotated[tuple[str, ...], Field(min_length=1)]
    fixed_cost: NonNegative | None = None
    minimum_dose: Share | None = None
    minimum_share: Share | None = None
    maximum_share: Share | None = None


class Blend(Parameters):
    """A mix of components, x >= 0 and sum 1, at the least cost, within limits a property.

    Args:
        table: CSV beside the problem file: one row a property, one column a component, then the
            columns of the limits; one row holds the costs. A first column named ``sieve_mm``
            makes the properties percentages passing a sieve.
        cost: label of the row of costs.
        lower, upper: headings of the columns of limits; an empty cell leaves a side open.
        unit: of the properties.
        cost_unit: of the costs.
        sources: name -> components that come from one place; every other component is a source
            by itself.
        most_sources: how many sources may be used.
        fixed_cost, minimum_dose, minimum_share, maximum_share: of every source, see `Source`.
    """

    table: str = Field(pattern=r"^[^/\\]+\.csv$")
    cost: str = "cost"
    lower: str = "lower"
    upper: str = "upper"
    unit: Unit = ""
    cost_unit: Unit = ""
    sources: dict[str, Source] = Field(default_factory=dict)
    most_sources: Count | None = None
    fixed_cost: NonNegative = 0.0
    minimum_dose: Share = 0.0
    minimum_share: Share = 0.0
    maximum_share: Share = 1.0
