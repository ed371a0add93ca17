"""What the pictures are before any model sees them: how many, of what size, from where."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats.contingency import association

from fairtrial.core.records import Files
from fairtrial.core.study import protocol_of
from fairtrial.core.text import count_text
from fairtrial.evidence.data_figures import box_panels, stacked_bars
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.items import ROLES

# Above this ratio the largest class drowns the smallest in a plain accuracy.
_UNBALANCED = 1.5

# Share of the variation between classes that a quantity takes up: Cohen's "large" is 0.14.
_LARGE = 0.14


def balance_exhibit(manifest: pd.DataFrame, splits: pd.DataFrame) -> Files:
    """Pictures of each class by the role they play, as means over the folds.

    Args:
        manifest: labels and groups of all items, and why some are left out.
        splits: roles of the items that are used.
    """
    used = manifest[manifest["excluded"] == ""]
    labels = dict(zip(used["item_id"], used["label"], strict=True))
    own = splits[splits["block"].map(protocol_of) == "standard"]
    dealt = own.assign(label=own["item_id"].map(labels))
    means = pd.crosstab(dealt["label"], dealt["role"]) / own["block"].nunique()
    means = means.reindex(columns=list(ROLES), fill_value=0.0)
    classes = used.groupby("label").agg(pictures=("item_id", "size"), groups=("group", "nunique"))
    left_out = manifest.groupby("label")["excluded"].agg(lambda reasons: int((reasons != "").sum()))
    data = classes.join(left_out.rename("left_out")).join(means).reset_index()
    most, least = classes["pictures"].max(), classes["pictures"].min()
    caption = (
        f"Pictures of each class by role, mean over {count_text(own['block'].nunique(), 'fold')}"
        f". Guessing the largest class is right for {most / len(used):.1%}."
    )
    if most > _UNBALANCED * least:
        caption += (
            f" The largest class has {most / least:.2g} times as many pictures as the smallest: "
            "read balanced accuracy or macro F1, not accuracy."
        )
    counts = {
        str(label): dict(zip(ROLES, row, strict=True))
        for label, row in zip(means.index, means.to_numpy(float), strict=True)
    }
    figure = stacked_bars(counts, "pictures")
    return exhibit("Class balance", caption, figure, data, table=data.round(1))


def sizes_exhibit(manifest: pd.DataFrame) -> Files:
    """Sizes and shapes of the originals by class.

    Args:
        manifest: labels, widths and heights in px, and aspect ratios.
    """
    used = manifest[manifest["excluded"] == ""]
    panels = {
        "longer side, px": used[["width", "height"]].max(axis=1),
        "aspect ratio, width / height": used["aspect_ratio"],
    }
    classes = sorted(set(used["label"]))
    told = {name: _variation_between(values, used["label"]) for name, values in panels.items()}
    figure = box_panels(
        {
            name: {label: values[used["label"] == label].tolist() for label in classes}
            for name, values in panels.items()
        }
    )
    parts = [
        f"{name.partition(',')[0]} {'the same for all' if share is None else f'{share:.0%}'}"
        for name, share in told.items()
    ]
    caption = (
        "Upright originals before they are fitted to a square; boxes hold the middle half, "
        f"whiskers 90 %. Share of the ranks' variation between classes: {', '.join(parts)}."
    )
    if max((share or 0.0) for share in told.values()) > _LARGE:
        caption += (
            " Shape or size alone says something of the class: it comes from how pictures were "
            "taken or stored, not from what they show."
        )
    data = used[["item_id", "label", "width", "height", "aspect_ratio"]]
    return exhibit("Sizes and shapes", caption, figure, data)


def sources_exhibit(manifest: pd.DataFrame) -> Files:
    """Pictures by source and class, and how much the one says of the other.

    Args:
        manifest: labels and sources; a source is "" where it is unknown.
    """
    used = manifest[manifest["excluded"] == ""]
    counts = pd.crosstab(used["source"].replace("", "unknown"), used["label"])
    data = counts.assign(all=counts.sum(axis=1)).reset_index()
    if len(counts) == 1:
        caption = (
            "No source of the pictures is known"
            if not used["source"].any()
            else "All pictures are of one source"
        )
        caption += ": whether the scores hold elsewhere cannot be told from them."
        return exhibit("Sources by class", caption, data=data, table=True)
    guessed = counts.max(axis=1).sum() / len(used)
    blind = counts.sum().max() / len(used)
    caption = (
        f"Pictures used, by source and class; Cramér's V {association(counts.to_numpy()):.2f} "
        "(0: unrelated, 1: one gives the other). "
        f"Guessing the class from the source is right for {guessed:.1%}, guessing the largest "
        f"class for {blind:.1%}. "
    )
    single = [str(name) for name, row in counts.iterrows() if (row > 0).sum() == 1]
    caption += (
        f"{len(single)} of {len(counts)} sources {'holds' if len(single) == 1 else 'hold'} "
        "pictures of one class only."
        if single
        else "Every source holds pictures of several classes."
    )
    return exhibit("Sources by class", caption, data=data, table=True)


def _variation_between(values: pd.Series, labels: pd.Series) -> float | None:
    """Epsilon squared of Kruskal and Wallis, 0..1; None where all values are the same.

    Source: Tomczak and Tomczak (2014), Trends in Sport Sciences 1, 19-25.
    """
    if values.nunique() == 1:
        return None
    h = stats.kruskal(*(part.to_numpy(float) for _, part in values.groupby(labels))).statistic
    return float(np.clip(h / (len(values) - 1), 0, 1))
