"""Found copies, to be judged by eye."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.core.text import count_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import image_grid

_CLUSTERS, _PICTURES = 8, 4
_TITLE = "Copies"


def duplicates_exhibit(pack: Arrays, duplicates: pd.DataFrame, searched: bool) -> Files:
    """The clusters whose likeness is least, a row of pictures each.

    Args:
        pack: the pictures.
        duplicates: item_id, cluster, like, likeness.
        searched: whether they were looked for at all.
    """
    if duplicates.empty:
        told = "none was found" if searched else "no search was made"
        caption = f"Pictures that are turned, mirrored, rescaled or recompressed copies: {told}."
        none = {"pictures": len(pack.description["items"]), "copies": "0" if searched else told}
        return exhibit(_TITLE, caption, data=pd.DataFrame([none]), table=True)
    least = duplicates.groupby("cluster")["likeness"].min().sort_values(kind="stable")
    shown = list(least.index[:_CLUSTERS])
    place = {item: row for row, item in enumerate(pack.description["items"])}
    cols = min(_PICTURES, int(duplicates.groupby("cluster").size()[shown].max()))
    images, titles = [], []
    for cluster in shown:
        mine = duplicates[duplicates["cluster"] == cluster].head(cols)
        pictures = [_thumbnail(pack["pixels"][place[item]]) for item in mine["item_id"]]
        blank = np.full_like(pictures[0], 255)
        images += pictures + [blank] * (cols - len(pictures))
        titles += [f"{value:.2f}" for value in mine["likeness"]] + [""] * (cols - len(pictures))
    caption = (
        f"{count_text(len(duplicates), 'picture')} in {count_text(len(least), 'cluster')} are "
        "copies of each other, whichever way they are turned, mirrored, rescaled or recompressed. "
        f"Each row shows one of the {len(shown)} clusters of the least likeness (correlation of "
        "outlines, above each picture): if these are copies, the others are. Splits by "
        "group keep a cluster on one side; the data set's own division may part it (see the "
        "warnings)."
    )
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255}
    figure = image_grid(images, titles, cols=cols, **grey)
    return exhibit(_TITLE, caption, figure, duplicates)


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """uint8 (S, S, C) -> about 96 px, (s, s) or (s, s, 3)."""
    small = pixels[:: max(1, len(pixels) // 96), :: max(1, len(pixels) // 96)]
    return small[:, :, 0] if small.shape[2] == 1 else small
