"""Passes through a classifier: logits in a precision, predictions, statistics of batch norms."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from fairtrial.images.trials.feed import Feed
from fairtrial.training.precision import Precision, computing

# Pictures in a batch whose mean and variance are averaged: enough of them at the smallest maps.
_NORM_BATCH = 64


def forward(model: nn.Module, batch: torch.Tensor, precision: Precision) -> torch.Tensor:
    """float32 logits (B, classes), computed in the precision asked for."""
    with computing(batch.device, precision):
        logits: torch.Tensor = model(batch)
    return logits.float()


@torch.no_grad()
def predict_logits(
    model: nn.Module, feed: Feed, rows: np.ndarray, precision: Precision = "fp32"
) -> torch.Tensor:
    """Logits of items as they are, in evaluation mode: float32 (len(rows), classes) on the CPU."""
    model.eval()
    parts = [
        forward(model, feed.clean(rows[start : start + feed.batch]), precision).cpu()
        for start in range(0, len(rows), feed.batch)
    ]
    return torch.cat(parts)


@torch.no_grad()
def estimate_batch_norm(
    model: nn.Module, feed: Feed, rows: np.ndarray, precision: Precision = "fp32"
) -> None:
    """Estimate the statistics of all batch norms anew, in one pass over clean training items.

    The running means of a short training lag behind its weights. Training itself never reads them.

    Source: Wu and Johnson, "Rethinking 'batch' in BatchNorm", section 3 (precise BatchNorm).
    """
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    if not norms:
        return
    model.eval()
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
        norm.train()
    for start in range(0, len(rows), _NORM_BATCH):
        batch = rows[start : start + _NORM_BATCH]
        # A mean over batches weighs all alike: a last batch of few would count too much.
        if start == 0 or len(batch) == _NORM_BATCH:
            with computing(next(model.parameters()).device, precision):
                model(feed.clean(batch))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
