"""Grad-CAM heat maps of every arm, and how much of their heat lies on the body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files, Models
from fairtrial.core.seeds import stream
from fairtrial.core.text import DASH, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.picture_figures import Shown, picture_rows
from fairtrial.images.exhibits.gallery import COLS, prediction_text
from fairtrial.images.items import Items, items_of, rows_by_role
from fairtrial.images.parameters.evaluate import Body
from fairtrial.images.scoring.heat import Explained, explain
from fairtrial.images.scoring.region import body_region, heat_share
from fairtrial.training.device import one_thread

# Test pictures of the block whose heat is measured; the first of them are shown.
_MEASURED = 24


@one_thread()
def heat_exhibit(
    models: Iterable[tuple[Models, Path | None]],
    pack: Arrays,
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    body: Body | None,
    device: str,
    seed: tuple[int, str],
) -> Files:
    """Heat maps of the same few test pictures for every arm, by its model of one block.

    Args:
        models: one a arm, with the file of its frozen base's weights where there is one. The
            first block is shown that every arm finished.
        pack: the pictures.
        manifest: labels of the items.
        splits: roles of the items.
        body: what tells the body from what is around it; none measures no share.
        device: cpu, cuda or auto.
        seed: the root seed and the study's name.
    """
    known = list(models)
    finished = [found for found in known if found[0].states]
    block = _common_block([trained for trained, _ in finished])
    if block is None:
        caption = "No block was finished by every arm: there is no model to explain."
        return exhibit("Heat maps", caption, data=pd.DataFrame(columns=["arm"]), table=True)
    items = items_of(pack, manifest)
    test = rows_by_role(items, splits, block)["test"]
    chosen = stream(*seed, "heat").permutation(test)[:_MEASURED]
    regions = _regions(pack, chosen, body)
    rows, data = {}, []
    for found, weights in finished:
        arm = str(found.description["arm"])
        explained = explain(found, block, weights, pack, items, chosen, device)
        rows[arm] = _shown(explained, pack, items, regions)
        data.append(_table(arm, explained, items, regions))
    table = pd.concat(data, ignore_index=True)
    figure = picture_rows(rows, COLS)
    return exhibit("Heat maps", _caption(block, table, body), figure, table, _readable(table))


def _common_block(models: Sequence[Models]) -> str | None:
    """The first block that all of them finished."""
    names = list(models[0].states) if models else []
    return next((name for name in names if all(name in m.states for m in models)), None)


def _regions(pack: Arrays, rows: np.ndarray, body: Body | None) -> list[np.ndarray | None]:
    if body is None:
        return [None] * len(rows)
    return [body_region(np.array(pack["pixels"][row]), body) for row in rows]


def _shown(
    explained: Explained, pack: Arrays, items: Items, regions: Sequence[np.ndarray | None]
) -> list[Shown]:
    out = []
    for place in range(min(COLS, len(explained.rows))):
        guess, truth = int(explained.probabilities[place].argmax()), int(explained.y[place])
        out.append(
            Shown(
                np.array(pack["pixels"][explained.rows[place]]),
                prediction_text(
                    items.labels, guess, truth, float(explained.probabilities[place].max())
                ),
                wrong=guess != truth,
                heat=explained.heat[place],
                outline=regions[place],
            )
        )
    return out


def _table(
    arm: str, explained: Explained, items: Items, regions: Sequence[np.ndarray | None]
) -> pd.DataFrame:
    """One row a picture: what was predicted, and the share of its heat on the body."""
    rows = []
    for place, row in enumerate(explained.rows):
        region, heat = regions[place], explained.heat[place]
        rows.append(
            {
                "arm": arm,
                "item_id": items.ids[row],
                "true": items.labels[explained.y[place]],
                "predicted": items.labels[explained.probabilities[place].argmax()],
                "confidence": float(explained.probabilities[place].max()),
                "heat": bool(heat.any()),
                "body_share_of_picture": None if region is None else float(region.mean()),
                "body_share_of_heat": None if region is None else heat_share(heat, region),
            }
        )
    return pd.DataFrame(rows)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """One row an arm: mean shares over its pictures."""
    rows = []
    for arm, part in table.groupby("arm", sort=False):
        measured = part.dropna(subset=["body_share_of_heat"])
        on, covered = (measured[f"body_share_of_{of}"] for of in ("heat", "picture"))
        rows.append(
            {
                "arm": arm,
                "pictures": len(part),
                "without heat": int((~part["heat"]).sum()),
                "body found": int(part["body_share_of_picture"].notna().sum()),
                "share of heat on the body": number_text(on.mean(), 3) if len(on) else DASH,
                "share of picture": number_text(covered.mean(), 3) if len(on) else DASH,
            }
        )
    return pd.DataFrame(rows)


def _caption(block: str, table: pd.DataFrame, body: Body | None) -> str:
    pictures = table["item_id"].nunique()
    said = (
        f"Grad-CAM for the predicted class by each arm's model of {block}, on test pictures drawn "
        f"at random: the first {min(COLS, pictures)} of {pictures} measured. Red captions are "
        "wrong predictions. "
    )
    if body is None:
        return said + "No body was declared (evaluate.body), so no share of heat on it is given."
    return said + (
        f"The outlined body is the largest {body} part after Otsu's threshold, gaps and holes "
        "filled, and not found where that is under 2 % or over 95 % of the picture. Heat spread "
        "evenly would lie on it as much as it covers of the picture; heat beside it speaks for a "
        "shortcut."
    )
