"""What must hold before an image study starts: known names, fitting sizes, weights at hand."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.images.audit.probes import ALL_PROBES
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.network import HEAD
from fairtrial.images.parameters import Arm, Augment, Evaluate, Ingest, Split, Train
from fairtrial.images.scoring.metrics import METRICS, OF_POSITIVE, positive_index
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.training.weights import find_weights, locate_weights

# Names of stored data beside those of arms: the bank of warped pixels, the outputs of probes.
COPIES = "copies"
TAKEN = (COPIES, "best", *ALL_PROBES)

SAMPLES = ("chest_phantoms", "fish_shapes")


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Check the whole study across its parameters.

    Args:
        study: its structure.
        groups: its parameters: ingest, split, augment, train, evaluate and arms (name -> `Arm`).
        fetch: whether published weights are downloaded now; else the run will do it.

    Raises:
        ConfigError: the first fault.
        StorageError: downloaded weights are damaged.
    """
    ingest: Ingest = groups["ingest"]
    augment: Augment = groups["augment"]
    train: Train = groups["train"]
    check_split(study, groups["split"], ingest)
    if study.samples is not None and study.samples not in SAMPLES:
        raise ConfigError(
            f"studies.yml: {study.name}.samples",
            " or ".join(SAMPLES),
            repr(study.samples),
            "Name one, or leave it out for pictures of your own.",
        )
    check_evaluate(study, groups["evaluate"], ingest)
    check_onnx(f"{study.name}.evaluate.export_onnx", groups["evaluate"])
    arms: Mapping[str, Arm] = groups["arms"]
    for name in study.arms:
        where = f"{study.name}.arms.{name}"
        check_arm(where, name, arms[name], ingest, augment)
        if arms[name].init != "scratch":
            wanted = wanted_weights(arms[name], train.weights_dir, where)
            if fetch:
                find_weights(wanted)
            else:
                locate_weights(wanted)


def check_evaluate(study: Study, evaluate: Evaluate, ingest: Ingest) -> None:
    """Check what is measured. Raises ConfigError."""
    known = [m for m in METRICS if evaluate.positive is not None or m not in OF_POSITIVE]
    if study.primary_metric not in known:
        raise ConfigError(
            f"studies.yml: {study.name}.primary_metric",
            f"one of {', '.join(known)}",
            repr(study.primary_metric),
            f"Name one of them; {' and '.join(OF_POSITIVE)} need {study.name}.evaluate.positive.",
        )
    labels = sorted(set(ingest.classes.values()))
    # Without a class map the classes are known only when the folders have been read.
    if labels:
        positive_index(labels, evaluate.positive)
    if evaluate.body == "warmer" and ingest.channels == 1:
        raise ConfigError(
            f"{study.name}.evaluate.body",
            "brighter or darker for grey pictures (ingest.channels: 1)",
            evaluate.body,
            "Change one of the two.",
        )


def check_split(study: Study, split: Split, ingest: Ingest) -> None:
    """Check how pictures are dealt. Raises ConfigError."""
    if study.blocks is None or study.blocks.folds is None:
        raise ConfigError(
            f"studies.yml: {study.name}.blocks", "folds", study.blocks, "Set blocks: {folds: 5}."
        )
    split.check_folds(study.blocks.folds, study.name)
    for protocol, arms in split.protocols.items():
        where = f"{study.name}.split.protocols.{protocol}"
        for arm in arms:
            if arm not in study.arms or arms.count(arm) > 1:
                raise ConfigError(
                    where,
                    f"arms of the study, each once ({', '.join(study.arms)})",
                    arm,
                    "Name arms that studies.yml names.",
                )
        if protocol == "by_source" and ingest.source is None:
            raise ConfigError(
                where,
                "a source of each picture",
                f"{study.name}.ingest.source is not set",
                "Name the column of the table that says where a picture comes from.",
            )


def check_arm(where: str, name: str, arm: Arm, ingest: Ingest, augment: Augment) -> None:
    """Check one arm. Raises ConfigError."""
    NETWORKS.check(arm.network, f"{where}.network")
    network = NETWORKS.load(arm.network)
    side = side_of(arm, ingest)
    if not network.smallest_side_px <= side <= ingest.image_side_px:
        raise ConfigError(
            f"{where}.image_side_px",
            f"{network.smallest_side_px} (least of {arm.network}) to {ingest.image_side_px} "
            "(ingest.image_side_px)",
            side,
            "Change one of the two.",
        )
    known = (*network.stages, HEAD)
    if arm.unfreeze_from is not None and arm.unfreeze_from not in known:
        raise ConfigError(
            f"{where}.unfreeze_from",
            f"a stage of {arm.network}",
            repr(arm.unfreeze_from),
            f"Stages: {', '.join(known)}.",
        )
    if name in TAKEN:
        raise ConfigError(where, f"another name than {', '.join(TAKEN)}", name, "Rename the arm.")
    if arm.init == "frozen" and arm.mode(augment) == "on_the_fly":
        raise ConfigError(
            f"{where}.augment",
            "bank or none, as the features of a frozen base are computed once",
            "on_the_fly",
            "Set augment: bank (or none) for the arm or for the study.",
        )


def check_onnx(where: str, evaluate: Evaluate) -> None:
    """Check that models can be exported as ONNX where that is asked for. Raises ConfigError."""
    missing = [name for name in ("onnx", "onnxscript", "onnxruntime") if find_spec(name) is None]
    if evaluate.export_onnx and missing:
        raise ConfigError(
            where,
            "false, or the extra onnx",
            f"true without {', '.join(missing)}",
            "Install it: pip install 'fairtrial[onnx]'.",
        )


def side_of(arm: Arm, ingest: Ingest) -> int:
    """Side of the pictures that an arm sees, px."""
    return arm.image_side_px or ingest.image_side_px
