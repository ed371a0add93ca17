"""Exhibits and the house style."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import new_figure, svg_bytes


def drawing() -> Figure:
    figure, axes = new_figure()
    axes.plot([1, 2, 3], [101, 104, 102], label="a $x_1$ < b")
    axes.set_title("costs $5 & more$")
    axes.legend()
    return figure


def test_the_same_drawing_gives_the_same_bytes() -> None:
    """SVG holds no date and no random ids."""
    assert svg_bytes(drawing()) == svg_bytes(drawing())


def test_names_are_text_and_never_formulas() -> None:
    """A dollar sign draws a dollar sign; the SVG stays well formed."""
    svg = svg_bytes(drawing())
    comments = [line for line in svg.decode().splitlines() if line.strip().startswith("<!--")]
    assert any("costs $5 & more$" in line.replace("&amp;", "&") for line in comments)
    assert draws(svg, "$")


def draws(svg: bytes, character: str) -> bool:
    """Whether a text holds the character: texts are paths, named by the glyph's index."""
    glyph = get_font(findfont("DejaVu Sans")).get_char_index(ord(character))
    names = [node.get("id", "") for node in ET.fromstring(svg).iter()]
    return any(re.fullmatch(rf"DejaVuSans(-Bold)?-{glyph:x}", name) for name in names)


def test_powers_of_ten_are_drawn_as_powers() -> None:
    """On a logarithmic axis matplotlib's own formulas stay formulas."""
    figure, axes = new_figure()
    axes.plot([1, 2], [1e-6, 1e3])
    axes.set_yscale("log")
    drawn = svg_bytes(figure)
    assert draws(drawn, "0")
    assert not draws(drawn, "$")


def test_axes_come_as_one_or_as_an_array() -> None:
    """One axis alone, or rows x cols of them."""
    assert new_figure()[1].__class__.__name__ == "Axes"
    assert new_figure(rows=2, cols=3)[1].shape == (2, 3)


def test_an_exhibit_holds_figure_data_and_words() -> None:
    """The three files, the data with exact numbers."""
    data = pd.DataFrame({"x": [0.1 + 0.2, 1e-300]})
    files = exhibit("A title", "A caption.", drawing(), data, table=True)
    assert set(files) == {"figure.svg", "data.csv", "figure.json"}
    assert json.loads(files["figure.json"]) == {
        "title": "A title",
        "caption": "A caption.",
        "table": True,
        "section": "Exhibits",
    }
    assert files["data.csv"].decode().split() == ["x", "0.30000000000000004", "1e-300"]


def test_a_table_for_reading_leaves_the_numbers_as_they_are() -> None:
    """A table made for the page stands beside the data, which stay numbers."""
    data, made = pd.DataFrame({"x": [0.123456]}), pd.DataFrame({"x": ["0.12 (0.1 to 0.2)"]})
    files = exhibit("A title", "A caption.", data=data, table=made)
    assert files["data.csv"].decode().split() == ["x", "0.123456"]
    assert "0.12 (0.1 to 0.2)" in files["table.csv"].decode()
    assert json.loads(files["figure.json"])["table"] is True


def test_an_exhibit_without_anything_to_show_is_refused() -> None:
    """Data that is not to be shown as a table is no exhibit."""
    with pytest.raises(ValueError, match="needs a figure"):
        exhibit("t", "c", data=pd.DataFrame({"x": [1]}))
