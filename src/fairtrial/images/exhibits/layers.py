"""The layers of networks that no paper describes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.layers import layer_table


def layers_exhibit(arms: Mapping[str, str], sides: Mapping[str, int]) -> Files:
    """Layer tables, one a network and side.

    Args:
        arms: arm -> name of its network, at least one.
        sides: arm -> side of its pictures, px.
    """
    parts = [
        layer_table(NETWORKS.load(name), side).assign(network=name, input=f"{side} px")
        for name, side in sorted({(arms[arm], sides[arm]) for arm in arms})
    ]
    table = pd.concat(parts, ignore_index=True)
    columns = ["network", "input", "stage", "layer", "kind", "output", "parameters"]
    total = ", ".join(
        f"{name} has {part['parameters'].sum() / 1e6:.1f} million parameters"
        for name, part in table.groupby("network", sort=False)
    )
    caption = (
        f"Networks of this study that were published nowhere, layer by layer up to their head: "
        f"{total}. Output is channels x height x width of one picture."
    )
    return exhibit("Layers", caption, data=table[columns], table=True)
