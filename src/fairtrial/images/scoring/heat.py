"""Heat maps: which parts of a picture speak for a class, by Grad-CAM (captum)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

# captum ships no types.
from captum.attr import LayerAttribution, LayerGradCam  # type: ignore[import-untyped]
from torch.nn import functional

from fairtrial.core.records import Arrays, Models
from fairtrial.images.items import Items
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.network import Network
from fairtrial.images.trials.classifier import Classifier
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.predict import restore_classifier
from fairtrial.training.device import pick_device


def heat_maps(
    classifier: Classifier, network: Network, pictures: torch.Tensor, classes: Sequence[int]
) -> torch.Tensor:
    """Grad-CAM of each picture for one class, at the network's last layer that keeps places.

    Heat is what speaks for the class; what speaks against it is left out.

    Args:
        classifier: in evaluation mode, on the device of the pictures.
        network: its entry in the registry.
        pictures: float32 (B, 1 or 3, S, S) in [0, 1].
        classes: index of a class for each picture.

    Returns:
        float32 (B, S, S) on the CPU, each with a largest value of 1; all 0 where nothing speaks
        for the class.

    Source: Selvaraju et al. (2017), "Grad-CAM", eq. 1 and 2.
    """
    layer = classifier.base.network.get_submodule(network.heat_layer)
    side = pictures.shape[-1]
    # Frozen weights need no gradient, and then nothing up to the layer has one: the input must.
    pictures = pictures.detach().requires_grad_()
    coarse = LayerGradCam(classifier, layer).attribute(
        pictures, target=list(classes), relu_attributions=True
    )
    fine = LayerAttribution.interpolate(coarse, (side, side), interpolate_mode="bilinear")
    maps = fine.detach()[:, 0].cpu()
    largest = maps.amax(dim=(1, 2), keepdim=True)
    return torch.where(largest > 0, maps / largest, torch.zeros_like(maps))


@dataclass(frozen=True)
class Explained:
    """Predictions and heat maps of some pictures by one model.

    Attributes:
        rows: of the pack, int (n,).
        y: their classes, int (n,).
        probabilities: float64 (n, K).
        heat: float32 (n, S, S), S the side of the stored pictures, for the predicted class.
    """

    rows: np.ndarray
    y: np.ndarray
    probabilities: np.ndarray
    heat: np.ndarray


def explain(
    models: Models,
    block: str,
    weights: Path | None,
    pack: Arrays,
    items: Items,
    rows: np.ndarray,
    device: str,
) -> Explained:
    """Predict some pictures with the model of one block, and say what speaks for it.

    Args:
        models: trained weights of an arm.
        block: which of them.
        weights: file of the frozen base's weights; none where the base was trained.
        pack: the pictures.
        items: labels of the pack's rows.
        rows: of the pack, int (n,), n >= 1.
        device: cpu, cuda or auto.
    """
    place = pick_device(device)
    description = models.description
    classifier = restore_classifier(models, block, weights).to(place)
    network = NETWORKS.load(description["network"])
    feed = Pictures(pack, int(description["image_side_px"]), place)
    stored = int(pack["pixels"].shape[1])
    probabilities, heat = [], []
    for start in range(0, len(rows), feed.batch):
        pictures = feed.clean(rows[start : start + feed.batch])
        with torch.no_grad():
            found = torch.softmax(classifier(pictures).double(), dim=1).cpu()
        maps = heat_maps(classifier, network, pictures, found.argmax(1).tolist())
        probabilities.append(found.numpy())
        heat.append(functional.interpolate(maps[:, None], size=stored, mode="bilinear")[:, 0])
    heats = torch.cat(heat).numpy()
    return Explained(rows, items.y[rows], np.concatenate(probabilities), heats)
