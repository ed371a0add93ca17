"""What a melody study needs before any of its work begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.scoring.extractors import (
    ENCODER,
    EXTRACTORS,
    frechet_name,
    infinity_name,
    kernel_name,
)
from fairtrial.melodies.scoring.weights import needed_weights
from fairtrial.melodies.songs.ready import check_song
from fairtrial.training.weights import find_weights

SAMPLES = ("folk_tunes",)


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Check what the parameters refer to: samples, extractors, weights, the reference.

    Args:
        study: its structure.
        groups: its checked parameters: split, evaluate and the like.
        fetch: as every kind is asked; weights of extractors are never fetched.

    Raises:
        ConfigError: naming the first thing that is missing or does not fit.
        StorageError: cached weights are damaged.
    """
    where = f"parameters_{study.name}.yml: {study.name}"
    check_samples(study)
    evaluate = groups["evaluate"]
    _check_extractors(study, evaluate, where)
    _check_left_out(groups, where)
    if "optimize" in groups:
        check_song(groups["optimize"], study.arms, where)
    held_out = groups["split"].reference_share > 0
    if evaluate.protocol == "standard" and not held_out:
        raise ConfigError(
            f"{where}.split.reference_share",
            "a share above 0 under evaluate.protocol: standard",
            0.0,
            "Hold songs out, or set evaluate.protocol: paper.",
        )
    if evaluate.protocol == "paper" and held_out:
        raise ConfigError(
            f"{where}.split.reference_share",
            "0.0 under evaluate.protocol: paper, which trains on every bar",
            groups["split"].reference_share,
            "Set it to 0.0, or evaluate.protocol: standard.",
        )


def check_samples(study: Study) -> None:
    """Refuse a name of samples that are not known."""
    if study.samples is not None and study.samples not in SAMPLES:
        raise ConfigError(
            f"studies.yml: {study.name}.samples",
            f"one of {', '.join(SAMPLES)}",
            repr(study.samples),
            "Correct the name, or set samples: null for your own files.",
        )


def _check_extractors(study: Study, evaluate: Evaluate, where: str) -> None:
    """Refuse unknown or repeated extractors, missing weights, and metrics that none gives."""
    extractors = evaluate.extractors
    for name in extractors:
        EXTRACTORS.check(name, f"{where}.evaluate.extractors")
        if extractors.count(name) > 1:
            raise ConfigError(
                f"{where}.evaluate.extractors", "each extractor once", name, "Take one out."
            )
    for wanted in needed_weights(extractors, evaluate.weights_dir).values():
        find_weights(wanted, fetch=False)
    if ENCODER in extractors and evaluate.protocol == "paper":
        raise ConfigError(
            f"{where}.evaluate.extractors",
            f"no {ENCODER} under evaluate.protocol: paper",
            ENCODER,
            "It learns from bars that no arm is trained on, and there are none: take it out.",
        )
    names = (frechet_name, infinity_name, kernel_name)
    metrics = [name(extractor) for extractor in extractors for name in names]
    if study.primary_metric not in metrics:
        raise ConfigError(
            f"studies.yml: {study.name}.primary_metric",
            f"one of {', '.join(metrics)}",
            repr(study.primary_metric),
            "Correct it, or add its extractor to evaluate.extractors.",
        )


def _check_left_out(groups: Mapping[str, Any], where: str) -> None:
    """Refuse arms that leave out what the augmentation does not have, or all that it has."""
    strategies = list(dict.fromkeys(step.strategy for step in groups["augment"].steps))
    for name, arm in groups["arms"].items():
        unknown = [each for each in arm.leave_out if each not in strategies]
        if unknown:
            raise ConfigError(
                f"{where}.arms.{name}.leave_out",
                f"strategies of augment.steps: {', '.join(strategies)}",
                unknown[0],
                "Correct the name, or add a step of it.",
            )
        if set(arm.leave_out) == set(strategies):
            raise ConfigError(
                f"{where}.arms.{name}.leave_out",
                "at least one strategy left in",
                ", ".join(arm.leave_out),
                "Leave fewer out, or set training_set: original.",
            )
