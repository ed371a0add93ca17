"""The best trained classifier as a file that needs nothing of this project to predict."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

import pandas as pd
import torch

from fairtrial.core.errors import TrialError
from fairtrial.core.records import Files, Models
from fairtrial.images.classifier import Probabilities
from fairtrial.images.predict import restore_classifier
from fairtrial.images.weights import weights_used

# Probabilities of the exported program and of its source may differ by rounding alone.
_TOLERANCE = 1e-5


def choose_best(scores: pd.DataFrame, primary_metric: str) -> tuple[str, str]:
    """Arm and block of the model to keep, chosen on validation items: test items stay unseen.

    The arm with the best mean over its blocks, and of its blocks the best; the first at ties.

    Raises:
        TrialError: no trial succeeded.
    """
    valid = scores[
        (scores["role"] == "arm")
        & (scores["split"] == "valid")
        & (scores["metric"] == primary_metric)
        & (scores["status"] == "ok")
    ]
    if valid.empty:
        raise TrialError(
            "model__best", "a trial that ended well", "none", "Lower train.learning_rate."
        )
    sign = 1 if valid["higher_is_better"].iloc[0] else -1
    goodness = valid.assign(good=valid["value"] * sign)
    arm = str(goodness.groupby("arm", sort=False)["good"].mean().idxmax())
    blocks = goodness[goodness["arm"] == arm].set_index("block")["good"]
    return arm, str(blocks.idxmax())


def export_model(
    models: Iterable[Models], chosen: tuple[str, str], weights_dir: str | None
) -> Files:
    """Export one trained classifier with its softmax.

    Args:
        models: of all arms and chunks, among them the one to export.
        chosen: its arm and block.
        weights_dir: where the weights of a frozen base lie; none for torchvision's own.

    Returns:
        ``model.pt``, a program of torch.export: float32 (B, C, S, S) in [0, 1], any B -> (B,
        classes) probabilities; ``model.json``, what it is.

    Raises:
        TrialError: the exported program and its source give different probabilities.
    """
    arm, block = chosen
    source = next(
        found for found in models if found.description["arm"] == arm and block in found.states
    )
    description = source.description
    frozen = description["init"] == "frozen"
    weights = weights_used(description, weights_dir) if frozen else None
    module = Probabilities(restore_classifier(source, block, weights)).eval()
    shape = (int(description["channels"]), *[int(description["image_side_px"])] * 2)
    generator = torch.Generator().manual_seed(0)
    example = torch.rand(2, *shape, generator=generator)
    buffer = io.BytesIO()
    with torch.no_grad():
        batch = torch.export.Dim("batch", min=1)
        program = torch.export.export(module, (example,), dynamic_shapes=({0: batch},))
        torch.export.save(program, buffer)
        _check_equal(buffer.getvalue(), module, torch.rand(3, *shape, generator=generator))
    card = {
        **{key: value for key, value in description.items() if key != "blocks"},
        "block": block,
        "input": f"float32 (B, {shape[0]}, {shape[1]}, {shape[2]}), RGB or grey in [0, 1]",
        "output": "float32 (B, classes), probabilities in the order of labels",
        "load": "torch.export.load('model.pt').module()",
        "torch": str(torch.__version__),
    }
    return {"model.pt": buffer.getvalue(), "model.json": json.dumps(card, indent=2).encode()}


def _check_equal(content: bytes, module: Probabilities, batch: torch.Tensor) -> None:
    expected = module(batch)
    found = torch.export.load(io.BytesIO(content)).module()(batch)
    gap = float((found - expected).abs().max())
    if not gap <= _TOLERANCE:
        raise TrialError(
            "model.pt",
            f"probabilities equal to the source model's within {_TOLERANCE:g}",
            f"a difference of {gap:g}",
            "This network cannot be exported with this version of torch: report it.",
        )
