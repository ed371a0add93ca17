"""Trained classifiers as files that need nothing of this project to predict.

Every format holds the whole program, normalisation and softmax included: float32 (B, C, S, S) in
[0, 1] for any B -> (B, classes) probabilities. Each is loaded again and compared with its source
before anybody gets it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

from fairtrial.core.errors import TrialError
from fairtrial.images.trials.classifier import Classifier, Probabilities
from fairtrial.training.device import one_thread

PROGRAM = "model.pt"
ONNX = "model.onnx"
ONNX_INPUT, ONNX_OUTPUT = "pictures", "probabilities"

# Probabilities of an exported program and of its source may differ by rounding alone. Another
# runtime adds up in another order.
_TOLERANCE = {PROGRAM: 1e-5, ONNX: 1e-4}


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
        & (scores["subset"] == "all")
        & (scores["protocol"] == "standard")
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


@one_thread()
def export_program(classifier: Classifier, channels: int, side_px: int) -> bytes:
    """A trained classifier as a program of torch.export.

    Args:
        classifier: in any mode; it is exported in evaluation mode, in plain memory format.
        channels: 1 or 3.
        side_px: side of the pictures.

    Returns:
        Content of ``model.pt``, for ``torch.export.load(path).module()``. That function runs
        pickles and expressions of the file: it is for files of known origin alone.

    Raises:
        TrialError: the exported program and its source give different probabilities.
    """
    module = _plain(classifier)
    with torch.no_grad():
        exported = _exported(module, channels, side_px)
        buffer = io.BytesIO()
        torch.export.save(exported, buffer)
        loaded = torch.export.load(io.BytesIO(buffer.getvalue())).module()
        _check_equal(PROGRAM, module, lambda batch: loaded(batch), channels, side_px)
    return buffer.getvalue()


@one_thread()
def export_onnx(classifier: Classifier, channels: int, side_px: int) -> bytes:
    """A trained classifier as an ONNX model: input ``pictures``, output ``probabilities``.

    Arguments as in `export_program`.

    Raises:
        TrialError: as `export_program`.
    """
    # An extra: `fairtrial.images.ready` looks for it before a run starts.
    import onnxruntime  # type: ignore[import-untyped]  # it ships no types

    module = _plain(classifier)
    with torch.no_grad(), warnings.catch_warnings(), _quiet("torch.onnx", "onnxscript", "onnx_ir"):
        # The exporter warns of its own internals.
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            _exported(module, channels, side_px),
            (_pictures(2, channels, side_px),),
            dynamo=True,
            input_names=[ONNX_INPUT],
            output_names=[ONNX_OUTPUT],
            verbose=False,
        )
    content: bytes = program.model_proto.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(batch: torch.Tensor) -> torch.Tensor:
        (found,) = session.run([ONNX_OUTPUT], {ONNX_INPUT: np.asarray(batch)})
        return torch.from_numpy(found)

    with torch.no_grad():
        _check_equal(ONNX, module, run, channels, side_px)
    return content


def _plain(classifier: Classifier) -> Probabilities:
    """With its softmax, in evaluation mode and in plain memory format."""
    return Probabilities(classifier).to(memory_format=torch.contiguous_format).eval()


def _pictures(n: int, channels: int, side_px: int) -> torch.Tensor:
    """float32 (n, C, S, S) in [0, 1], the same each time."""
    generator = torch.Generator().manual_seed(n)
    return torch.rand(n, channels, side_px, side_px, generator=generator)


def _exported(module: Probabilities, channels: int, side_px: int) -> torch.export.ExportedProgram:
    batch = torch.export.Dim("batch", min=1)
    example = _pictures(2, channels, side_px)
    return torch.export.export(module, (example,), dynamic_shapes=({0: batch},))


@contextlib.contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Loggers that say nothing below an error inside the block."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _check_equal(
    file: str,
    source: Probabilities,
    exported: Callable[[torch.Tensor], torch.Tensor],
    channels: int,
    side_px: int,
) -> None:
    """Compare on two sizes of batch, neither of which is that of the example."""
    for n in (1, 3):
        batch = _pictures(n, channels, side_px)
        gap = float((exported(batch) - source(batch)).abs().max())
        if not gap <= _TOLERANCE[file]:
            raise TrialError(
                file,
                f"probabilities equal to the source model's within {_TOLERANCE[file]:g}",
                f"a difference of {gap:g}",
                "This network cannot be exported with the installed versions: report it.",
            )
