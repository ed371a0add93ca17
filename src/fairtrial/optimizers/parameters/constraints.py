"""Settings of how constraints enter a search (see `fairtrial.optimizers.constraints`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Flag, Parameters, Positive, Share


class ConstraintSettings(Parameters):
    """For searches that look anew at what they keep.

    Args:
        constraints: feasibility: less violation first, then the objective (Deb 2000). epsilon: a
            violation up to a level counts as none; the level falls to zero (Takahama and Sakai
            2006). penalty: the objective plus a multiple of the violation.
        normalise: divide each constraint's violation by its largest in the first batch of a run.
        penalty: added to the objective for each unit of violation.
        epsilon_share: the level starts at the violation below which this share of the first batch
            lies.
        epsilon_until: share of the budget after which the level is zero.
        epsilon_power: the level falls as (1 - time) to this power.
    """

    constraints: Literal["feasibility", "epsilon", "penalty"] = "feasibility"
    normalise: Flag = False
    penalty: Positive = 1e6
    epsilon_share: Share = 0.2
    epsilon_until: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.5
    epsilon_power: Annotated[float, Field(strict=True, ge=1)] = 5.0


class FixedConstraintSettings(Parameters):
    """For libraries that keep a point's value as it was first told: a level cannot fall.

    Args:
        constraints, normalise, penalty: as in `ConstraintSettings`.
    """

    constraints: Literal["feasibility", "penalty"] = "feasibility"
    normalise: Flag = False
    penalty: Positive = 1e6
