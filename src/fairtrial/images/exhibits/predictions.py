"""All exhibits that need nothing but the outputs and the manifest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.exhibits import PICTURES, PREDICTIONS
from fairtrial.images.exhibits.agreement import agreement_exhibit
from fairtrial.images.exhibits.areas import areas_exhibit
from fairtrial.images.exhibits.calibration import calibration_exhibit
from fairtrial.images.exhibits.confusion import confusion_exhibit
from fairtrial.images.exhibits.gallery import gallery_exhibit, mistakes_exhibit
from fairtrial.images.exhibits.lead import lead_exhibit
from fairtrial.images.exhibits.metrics import classes_exhibit, metrics_exhibit
from fairtrial.images.exhibits.sources import sources_exhibit
from fairtrial.images.parameters import Evaluate
from fairtrial.images.scoring.metrics import positive_index
from fairtrial.images.scoring.pooled import groups_of, labels_of, pool, right_table


def prediction_exhibits(
    outputs: Sequence[Arrays],
    manifest: pd.DataFrame,
    evaluate: Evaluate,
    study: str,
    seed: int,
    probes: Sequence[Arrays] = (),
) -> dict[str, Files]:
    """What the test predictions say: an exhibit for each name of `PREDICTIONS`.

    Args:
        outputs: of every arm and chunk.
        manifest: groups and sources of the items.
        evaluate: level, positive class, resamplings.
        study: its name.
        seed: the root seed.
        probes: outputs of trivial models; those of sources are no predictions of classes.

    Raises:
        ConfigError: the positive class is not one of two.
    """
    pools, labels = pool(outputs), labels_of(outputs)
    if not pools:
        return {name: _nothing(name) for name in PREDICTIONS}
    positive = positive_index(labels, evaluate.positive)
    alpha, resamples, place = evaluate.alpha, evaluate.resamples, (seed, study)
    groups = {arm: groups_of(manifest, found.ids) for arm, found in pools.items()}
    right = right_table(pools)
    together = groups_of(manifest, np.asarray(right.index))
    trivial = pool(output for output in probes if output.description["target"] == "label")
    source_of = dict(zip(manifest["item_id"], manifest["source"], strict=True))
    return {
        "lead": lead_exhibit(pools, trivial, manifest, resamples, alpha, place),
        "metrics": metrics_exhibit(pools, groups, positive, resamples, alpha, place),
        "confusion": confusion_exhibit(outputs),
        "classes": classes_exhibit(pools, labels, alpha),
        "areas": areas_exhibit(pools, labels, positive),
        "calibration": calibration_exhibit(pools, alpha),
        "agreement": agreement_exhibit(right, together, resamples, alpha, place),
        "by_source": sources_exhibit(pools, source_of, alpha),
    }


def picture_exhibits(
    outputs: Sequence[Arrays], pack: Arrays, study: str, seed: int
) -> dict[str, Files]:
    """Test pictures with their predictions: an exhibit for each name of `PICTURES`.

    Args:
        outputs: of every arm and chunk.
        pack: the pictures.
        study: its name.
        seed: the root seed.
    """
    pools, labels = pool(outputs), labels_of(outputs)
    if not pools:
        return {name: _nothing(name) for name in PICTURES}
    return {
        "gallery": gallery_exhibit(pools, pack, labels, (seed, study)),
        "mistakes": mistakes_exhibit(pools, pack, labels),
    }


def _nothing(name: str) -> Files:
    caption = "No arm predicted its test items: every trial diverged or failed."
    return exhibit(name.capitalize(), caption, data=pd.DataFrame(columns=["arm"]), table=True)
