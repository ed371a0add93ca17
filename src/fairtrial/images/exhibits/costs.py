"""What each arm reaches and what it costs, as the fish paper compares networks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files, Models
from fairtrial.evidence.class_figures import named_scatter
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.scoring.costs import measure_cost
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.predict import restore_classifier
from fairtrial.training.device import one_thread, pick_device


@one_thread()
def costs_exhibit(
    models: Iterable[tuple[Models, Path | None]],
    scores: pd.DataFrame,
    ledger: pd.DataFrame,
    pack: Arrays,
    device: str,
) -> Files:
    """Accuracy against training time, and a table of all costs.

    Args:
        models: one a arm, with the file of its frozen base's weights where there is one.
        scores: of the study.
        ledger: seconds of every trial.
        pack: the pictures, of which one is predicted again and again.
        device: cpu, cuda or auto.
    """
    place = pick_device(device)
    accuracy, seconds = _accuracy(scores), _seconds(ledger)
    rows, frozen = [], []
    for found, weights in models:
        if not found.states:
            continue
        arm = str(found.description["arm"])
        frozen += [arm] if found.description["init"] == "frozen" else []
        classifier = restore_classifier(found, next(iter(found.states)), weights).to(place)
        feed = Pictures(pack, int(found.description["image_side_px"]), place)
        cost = measure_cost(classifier, feed.clean(np.array([0])))
        rows.append(
            {
                "arm": arm,
                "accuracy": accuracy[arm],
                "training_seconds": seconds[arm],
                "latency_ms": cost.latency_ms,
                "parameters_millions": cost.parameters / 1e6,
                "gigaflops": cost.flops / 1e9,
                "size_mb": cost.size_mb,
                "image_side_px": int(found.description["image_side_px"]),
            }
        )
    columns = ["arm", "accuracy", "training_seconds", "latency_ms", "parameters_millions"]
    table = pd.DataFrame(rows, columns=[*columns, "gigaflops", "size_mb", "image_side_px"])
    points = {
        row["arm"]: (row["training_seconds"], row["accuracy"])
        for row in table.to_dict("records")
        if row["training_seconds"] > 0
    }
    caption = (
        "Mean test accuracy, and mean training time a trial. Latency is the median of one picture "
        f"alone, in memory, in fp32, with one thread on this {place.type.upper()}; other trials "
        "may have run beside it. Floating-point operations of one picture count a multiplication "
        "and an addition as two. Parameters, operations and size are of the whole classifier."
    )
    if frozen:
        caption += (
            f" Training time of {', '.join(frozen)} is that of the head: the features of a frozen "
            "base are computed once for all blocks."
        )
    figure = None
    if points:
        figure = named_scatter(points, "training time a trial, s", "mean test accuracy")
    return exhibit("Accuracy and cost", caption, figure, table, table=True)


def _accuracy(scores: pd.DataFrame) -> pd.Series:
    chosen = scores[
        (scores["metric"] == "accuracy")
        & (scores["split"] == "test")
        & (scores["subset"] == "all")
        & (scores["protocol"] == "standard")
        & (scores["status"] == "ok")
    ]
    return chosen.groupby("arm")["value"].mean()


def _seconds(ledger: pd.DataFrame) -> pd.Series:
    done = ledger[ledger["status"] == "ok"]
    return done.assign(seconds=pd.to_numeric(done["seconds"])).groupby("arm")["seconds"].mean()
