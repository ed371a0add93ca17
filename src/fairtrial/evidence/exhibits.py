"""An exhibit: figures, tables or clips with title, caption and data, as a few small files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from fairtrial.core.records import Files
from fairtrial.evidence.style import svg_bytes


@dataclass(frozen=True)
class Clip:
    """Something to hear, with what can be seen of it.

    Args:
        label: a heading of a few words.
        text: a sentence on what it is.
        sound: an MP3 file; none where there is nothing to hear, which ``text`` then explains.
        figure: drawn with `fairtrial.evidence.style.new_figure`.
    """

    label: str
    text: str
    sound: bytes | None = None
    figure: Figure | None = None


def exhibit(
    title: str,
    caption: str,
    figure: Figure | bytes | None = None,
    data: pd.DataFrame | None = None,
    table: bool | pd.DataFrame = False,
    clips: Sequence[Clip] = (),
    section: str = "Exhibits",
) -> Files:
    """Pack what a page shows beside its verdict.

    Args:
        title: a heading of a few words.
        caption: one or two sentences: what is shown, of what, in which unit.
        figure: drawn with `fairtrial.evidence.style.new_figure`; or SVG that another program drew.
        data: the numbers behind the figure, one row each.
        table: whether the page shows ``data`` as a table; or a table to show, made for reading
            where ``data`` is made for computing.
        clips: shown one below the other, each with a player.
        section: heading of the part of the page, see `fairtrial.evidence.sections`.

    Returns:
        ``figure.json`` and, where given, ``figure.svg``, ``data.csv`` and ``table.csv``; for clip
        k ``clip_k.mp3`` and ``clip_k.svg``.

    Raises:
        ValueError: neither figure nor table nor clips to show.
    """
    made = table if isinstance(table, pd.DataFrame) else None
    shown = made is not None or (bool(table) and data is not None)
    if figure is None and not shown and not clips:
        raise ValueError("an exhibit needs a figure, clips, or data with table=True")
    files: Files = {}
    if figure is not None:
        files["figure.svg"] = figure if isinstance(figure, bytes) else svg_bytes(figure)
    if data is not None:
        files["data.csv"] = _csv(data)
    if made is not None:
        files["table.csv"] = _csv(made)
    heads: list[dict[str, str]] = []
    for number, clip in enumerate(clips):
        if clip.sound is not None:
            files[f"clip_{number}.mp3"] = clip.sound
        if clip.figure is not None:
            files[f"clip_{number}.svg"] = svg_bytes(clip.figure)
        heads.append({"label": clip.label, "text": clip.text})
    head: dict[str, Any] = {"title": title, "caption": caption, "table": shown}
    head["section"] = section
    head |= {"clips": heads} if heads else {}
    files["figure.json"] = json.dumps(head, indent=2).encode()
    return files


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()
