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
    table: bool | pd.DataFrame = False,
) -> Files:
    """Pack what a page shows beside its verdict.

    Args:
        title: a heading of a few words.
        caption: one or two sentences: what is shown, of what, in which unit.
        figure: drawn with `fairtrial.evidence.style.new_figure`.
        data: the numbers behind the figure, one row each.
        table: whether the page shows ``data`` as a table; or a table to show, made for reading
            where ``data`` is made for computing.

    Returns:
        ``figure.json`` and, where given, ``figure.svg``, ``data.csv`` and ``table.csv``.

    Raises:
        ValueError: neither figure nor table to show.
    """
    made = table if isinstance(table, pd.DataFrame) else None
    shown = made is not None or (bool(table) and data is not None)
    if figure is None and not shown:
        raise ValueError("an exhibit needs a figure, or data with table=True")
    files: Files = {}
    if figure is not None:
        files["figure.svg"] = svg_bytes(figure)
    if data is not None:
        files["data.csv"] = _csv(data)
    if made is not None:
        files["table.csv"] = _csv(made)
    head = {"title": title, "caption": caption, "table": shown}
    files["figure.json"] = json.dumps(head, indent=2).encode()
    return files


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()
