"""Train the study's own encoder of bars, where its features are asked for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.melodies.scoring.extractors import ENCODER
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models


def train_encoder(
    pack: "Arrays", manifest: "pd.DataFrame", splits: "pd.DataFrame", seed: int, *, study: str
) -> "Models":
    """Train it on the held-out bars, which no arm is trained on."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.core.records import Models
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.scoring import encoder
    from fairtrial.melodies.splits import rows_of

    bars = pack["rolls"][rows_of(manifest, splits, "test")]
    folder = checkpoint_folder()
    state = encoder.train_encoder(
        bars,
        stream_seed(seed, study, ENCODER),
        checkpoint=folder / "encoder.pt" if folder else None,
        label=f"{study} {ENCODER}",
        updates=encoder.UPDATES,
    )
    return Models({ENCODER: state}, {"network": "autoencoder", "training_bars": len(bars)})


def encoder_inputs(groups: Mapping[str, Any]) -> list[str]:
    """The trained encoder as an input, where its features are asked for."""
    return [ENCODER] if ENCODER in groups["evaluate"].extractors else []


def create_encoder_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Held-out bars to ``encoder``, where its features are asked for."""
    return [
        make_node(
            train_encoder,
            ["pack", "manifest", "splits", "params:seed"],
            output,
            stage="train",
            name="train_encoder",
            study=study.name,
        )
        for output in encoder_inputs(groups)
    ]
