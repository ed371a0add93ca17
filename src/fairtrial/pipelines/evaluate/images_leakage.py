"""Evaluate further divisions of an image study: at random without groups, sources left out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Protocol, Split
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files

# The probe that shows what a leak is worth to a model that sees no content.
PROBE = "colour_histogram"


def probe_protocol(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    seed: int,
    *,
    study: str,
    probe: str,
    protocol: str,
) -> "Arrays":
    """Predict every block of a protocol with a trivial model."""
    from fairtrial.images.audit.battery import run_battery
    from fairtrial.images.splitting.protocols import blocks_of

    blocks = blocks_of(splits, protocol)
    (output,) = run_battery(pack, manifest, splits, study, [probe], blocks, seed)
    return output


def draw_leakage(
    manifest: "pd.DataFrame", evaluate: Evaluate, seed: int, *outputs: "Arrays"
) -> "Files":
    """Draw what a division at random would have added to accuracy."""
    from fairtrial.images.exhibits.leakage import leakage_exhibit

    return leakage_exhibit(outputs, manifest, evaluate.resamples, 1 - evaluate.alpha, seed)


def draw_left_out(
    manifest: "pd.DataFrame", evaluate: Evaluate, seed: int, *outputs: "Arrays"
) -> "Files":
    """Tabulate how the arms do on sources of which they saw nothing."""
    from fairtrial.images.exhibits.leakage import by_source_exhibit

    return by_source_exhibit(outputs, manifest, evaluate.resamples, 1 - evaluate.alpha, seed)


_EXHIBITS: dict[Protocol, tuple[Any, str]] = {
    "naive": (draw_leakage, "leakage"),
    "by_source": (draw_left_out, "left_out"),
}


def protocol_trials(groups: Mapping[str, Any]) -> list[tuple[str, Protocol]]:
    """Arm and protocol of all trainings beside the study's own blocks."""
    split: Split = groups["split"]
    return [(arm, protocol) for protocol, arms in split.protocols.items() for arm in arms]


def protocol_probes(groups: Mapping[str, Any]) -> list[str]:
    """Outputs of the probe under further protocols."""
    split: Split = groups["split"]
    return [f"outputs__{PROBE}__naive"] if "naive" in split.protocols else []


def leakage_exhibits(groups: Mapping[str, Any]) -> list[str]:
    """Names of the figures, in the order of the page."""
    split: Split = groups["split"]
    return [name for protocol, (_, name) in _EXHIBITS.items() if protocol in split.protocols]


def create_leakage_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Outputs under both divisions to the probe's outputs and the figures."""
    split: Split = groups["split"]
    nodes = []
    for protocol, arms in split.protocols.items():
        draw, name = _EXHIBITS[protocol]
        outputs = [f"outputs__{arm}__{chunk}" for arm in arms for chunk in study.chunks()]
        outputs += [f"outputs__{arm}__{protocol}" for arm in arms]
        if protocol == "naive":
            outputs += [f"outputs__{PROBE}__0", f"outputs__{PROBE}__naive"]
        nodes.append(
            make_node(
                draw,
                ["manifest", "params:evaluate", "params:seed", *outputs],
                f"figure__{name}",
                stage="evaluate",
                name=f"draw_{name}",
            )
        )
    if "naive" in split.protocols:
        nodes.append(
            make_node(
                probe_protocol,
                ["pack", "manifest", "splits", "params:seed"],
                f"outputs__{PROBE}__naive",
                stage="evaluate",
                name="probe_protocol",
                study=study.name,
                probe=PROBE,
                protocol="naive",
            )
        )
    return nodes
