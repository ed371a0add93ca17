"""Describe the networks of an image study that were published nowhere."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Ingest
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    from fairtrial.core.records import Files


def list_layers(
    ingest: Ingest, *, networks: dict[str, str], sides: dict[str, int | None]
) -> "Files":
    """Tabulate the layers of networks that no paper describes."""
    from fairtrial.images.exhibits.layers import layers_exhibit

    known = {arm: side or ingest.image_side_px for arm, side in sides.items()}
    return layers_exhibit(networks, known)


def unpublished_arms(study: Study, groups: Mapping[str, Any]) -> dict[str, Arm]:
    """Arms whose network has no published weights."""
    arms: dict[str, Arm] = {name: groups["arms"][name] for name in study.arms}
    known = [arm for arm in arms if arms[arm].network in NETWORKS.names()]
    return {name: arms[name] for name in known if not NETWORKS.load(arms[name].network).weights_url}


def layer_exhibits(study: Study, groups: Mapping[str, Any]) -> list[str]:
    """Names of the figures made here."""
    return ["layers"] if unpublished_arms(study, groups) else []


def create_network_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Parameters to layer tables."""
    arms = unpublished_arms(study, groups)
    if not arms:
        return []
    return [
        make_node(
            list_layers,
            ["params:ingest"],
            "figure__layers",
            stage="evaluate",
            name="list_layers",
            networks={name: arm.network for name, arm in arms.items()},
            sides={name: arm.image_side_px for name, arm in arms.items()},
        )
    ]
