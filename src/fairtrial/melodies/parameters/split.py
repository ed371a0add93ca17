"""Which songs nobody trains on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fairtrial.core.parameters import Parameters, Share


class Split(Parameters):
    """Which songs nobody trains on.

    Args:
        reference_share: share of the bars, in whole songs, kept as the held-out reference.
    """

    reference_share: Annotated[Share, Field(lt=1)] = 0.3
