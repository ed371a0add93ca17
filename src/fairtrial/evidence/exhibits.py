"""An exhibit: one figure or table with its title, caption and data, as a few small files."""

from __future__ import annotations

import json

import pandas as pd
from matplotlib.figure import Figure

from fairtrial.core.records import Files
from fairtrial.evidence.style import svg_bytes


def exhibit(
    title: str,
    caption: str,
    figure: Figure | None = None,
    data: pd.DataFrame | None = None,
    table: bool = False,
) -> Files:
    """Pack what a page shows beside its verdict.

    Args:
        title: a heading of a few words.
        caption: one or two sentences: what is shown, of what, in which unit.
        figure: drawn with `fairtrial.evidence.style.new_figure`.
        data: the numbers behind the figure, one row each.
        table: whether the page shows ``data`` as a table.

    Returns:
        ``figure.json`` and, where given, ``figure.svg`` and ``data.csv``.

    Raises:
        ValueError: neither figure nor table to show.
    """
    if figure is None and not (table and data is not None):
        raise ValueError("an exhibit needs a figure, or data with table=True")
    files: Files = {}
    if figure is not None:
        files["figure.svg"] = svg_bytes(figure)
    if data is not None:
        files["data.csv"] = data.to_csv(index=False, lineterminator="\n").encode()
    head = {"title": title, "caption": caption, "table": table}
    files["figure.json"] = json.dumps(head, indent=2).encode()
    return files
