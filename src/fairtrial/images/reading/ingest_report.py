"""The report of an ingest: counts, reasons, and what a reader must know of the pictures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.text import count_text
from fairtrial.images.parameters import Ingest


def report_ingest(
    manifest: pd.DataFrame,
    misnamed: pd.Series,
    notes: tuple[str, ...],
    ingest: Ingest,
    synthetic: bool,
) -> dict[str, Any]:
    """The ledger of an ingest; its counts reconcile.

    Args:
        manifest: label, group, source, split, excluded.
        misnamed: of each picture whose suffix is wrong, what it is: ``".png is JPEG"``.
        notes: sentences on what was passed over.
        ingest: how the pictures were read.
        synthetic: whether our own code drew them.

    Returns:
        counts, reasons, synthetic, notes and warnings, as every kind of study reports them.
    """
    left_out = manifest[manifest["excluded"] != ""]
    used = manifest[manifest["excluded"] == ""]
    return {
        "counts": {"listed": len(manifest), "used": len(used), "excluded": len(left_out)},
        # Which picture was left out for which reason stands in the manifest.
        "reasons": {
            str(reason): int(n) for reason, n in left_out.groupby("excluded").size().items()
        },
        "synthetic": synthetic,
        "notes": [
            *_notes_on_pictures(used, ingest),
            *_notes_on_names(misnamed),
            *notes,
            *_notes_on_trust(ingest, synthetic),
        ],
        "warnings": _source_warnings(used),
    }


def _notes_on_pictures(used: pd.DataFrame, ingest: Ingest) -> list[str]:
    classes = used.groupby("label").agg(n=("item_id", "size"), groups=("group", "nunique"))
    sizes = [f"{label} {row.n} in {row.groups} groups" for label, row in classes.iterrows()]
    notes = [
        f"Pictures used: {', '.join(sizes)}.",
        f"Every picture is fitted to {ingest.image_side_px} px a side ({ingest.fit}).",
    ]
    dealt = used["split"][used["split"] != ""].value_counts()
    if len(dealt):
        parts = [f"{name} {dealt[name]}" for name in ("train", "valid", "test") if name in dealt]
        notes.append(f"The data set deals its pictures itself: {', '.join(parts)}.")
    return notes


def _notes_on_names(misnamed: pd.Series) -> list[str]:
    kinds = [f"{kind} ({n})" for kind, n in sorted(misnamed.value_counts().items())]
    if not kinds:
        return []
    total = count_text(len(misnamed), "picture")
    return [f"{total} read by content, not by suffix: {', '.join(kinds)}."]


def _notes_on_trust(ingest: Ingest, synthetic: bool) -> list[str]:
    if synthetic:
        return ["The pictures are drawn by a program; no result says anything of real ones."]
    if not ingest.group and ingest.group_pattern is None:
        return [
            "No group column or pattern is declared: related pictures that are no copies of each "
            "other may stand on both sides."
        ]
    return []


def _source_warnings(used: pd.DataFrame) -> list[str]:
    """A warning where a picture's source says much of its label."""
    counts = pd.crosstab(used["source"], used["label"])
    if len(counts) < 2:
        return []
    by_source = counts.max(axis=1).sum() / len(used)
    by_class = counts.sum().max() / len(used)
    # Half of what a blind guess gets wrong: no accuracy means anything until that is excluded.
    if 1 - by_source > (1 - by_class) / 2:
        return []
    return [
        f"The source gives the label away: guessing the class from it alone is right for "
        f"{by_source:.1%} of the pictures, guessing the largest class for {by_class:.1%}. "
        "A network may tell the sources apart and not the classes."
    ]
