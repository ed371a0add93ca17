"""Generic figures and the two of every verdict."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from fairtrial.evidence.figures import (
    box_plot,
    critical_difference,
    image_grid,
    interval_plot,
    joined_groups,
    learning_curves,
    matrix,
)
from fairtrial.evidence.style import svg_bytes
from fairtrial.evidence.verdict_figures import ranks_exhibit, scores_exhibit
from tests.evidence.support import make_verdict


def texts(figure: Figure) -> list[str]:
    """Every text that is drawn."""
    svg = svg_bytes(figure).decode()
    return [line.strip()[5:-4] for line in svg.splitlines() if line.strip().startswith("<!-- ")]


def test_a_box_plot_shows_every_point_where_it_is() -> None:
    """Each block's value is a point of its arm's row, far from zero as well."""
    values = {"a": {"x": 1001.0, "y": 1003.0}, "b": {"x": 1002.0}}
    axes = box_plot(values, "cost").axes[0]
    points = [tuple(point) for group in axes.collections for point in group.get_offsets()]
    assert sorted(x for x, _ in points) == [1001.0, 1002.0, 1003.0]
    assert [round(y) for x, y in sorted(points)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1.0, 50.0], "linear"),
        ([0.001, 3.0], "log"),
        ([0.0, 1e-9, 3.0], "symlog"),
        ([-1.0, 0.001, 500.0], "linear"),
    ],
)
def test_values_over_magnitudes_get_a_logarithmic_axis(values: list[float], scale: str) -> None:
    """Gaps of 1e-9 and of 3 are both visible; negative values keep a linear axis."""
    points = {f"b{i}": value for i, value in enumerate(values)}
    assert box_plot({"a": points}, "gap").axes[0].get_xscale() == scale


def test_an_arm_without_a_finished_trial_says_so() -> None:
    """An empty row is words, not a gap."""
    assert "no finished trial" in texts(box_plot({"a": {"x": 1.0}, "b": {}}, "cost"))


def test_points_of_a_block_are_joined_only_where_asked_and_few() -> None:
    """12 blocks are joined, 13 are not, independent runs never."""

    def lines(count: int, connect: bool) -> int:
        values = {arm: {f"b{i}": float(i) for i in range(count)} for arm in "ab"}
        axes = box_plot(values, "v", connect=connect).axes[0]
        return sum(line.get_alpha() == 0.35 for line in axes.lines)

    assert (lines(12, True), lines(13, True), lines(12, False)) == (12, 0, 0)


@pytest.mark.parametrize(
    ("ranks", "difference", "groups"),
    [
        ([1.0, 2.0, 3.0], 0.5, []),
        ([1.0, 1.3, 3.0], 0.5, [(0, 1)]),
        ([1.6, 2.0, 2.9, 3.5, 5.0], 1.35, [(0, 2), (2, 3)]),
        ([2.0, 2.0, 2.0], 0.1, [(0, 2)]),
    ],
)
def test_bars_join_the_longest_stretches_within_the_critical_difference(
    ranks: list[float], difference: float, groups: list[tuple[int, int]]
) -> None:
    """No bar lies inside another, and arms exactly at the difference are not joined."""
    assert joined_groups(ranks, difference) == groups


def test_arms_exactly_at_the_critical_difference_are_told_apart() -> None:
    """The bar ends where Nemenyi's test begins to reject."""
    assert joined_groups([1.0, 2.0], 1.0) == []


def test_the_rank_diagram_names_every_arm_with_its_rank() -> None:
    """All arms, their ranks and the critical difference stand in the drawing."""
    drawn = " ".join(texts(critical_difference({"b": 2.25, "a": 1.5, "c": 2.25}, 0.7)))
    for word in ("a  1.50", "2.25", "critical difference 0.70"):
        assert word in drawn


def test_intervals_are_drawn_where_they_are() -> None:
    """A row's line runs from low to high; the margin is a band around zero."""
    axes = interval_plot([("a - b", 10.0, 12.0, 15.0)], "d", margin=2.0).axes[0]
    assert any(list(line.get_xdata()) == [10.0, 15.0] for line in axes.lines)
    assert axes.patches[0].get_x() == -2.0


def test_learning_curves_average_over_blocks() -> None:
    """The thick line is the mean of the trials at each step, steps without a value left out."""
    history = pd.DataFrame(
        {
            "arm": ["a"] * 4,
            "block": ["x", "x", "y", "y"],
            "epoch": [1, 2, 1, 2],
            "loss": [10.0, 4.0, 20.0, np.nan],
        }
    )
    axes = learning_curves(history, "epoch", ["loss"], "epoch").axes[0]
    thick = next(line for line in axes.lines if line.get_linewidth() == 2)
    assert list(thick.get_ydata()) == [15.0, 4.0]


def test_learning_curves_of_one_epoch_are_points() -> None:
    """One step makes no line: it has a marker, and longer trials have none."""
    history = pd.DataFrame(
        {"arm": ["a", "a", "b"], "block": ["x"] * 3, "epoch": [1, 2, 1], "loss": [3.0, 2.0, 4.0]}
    )
    lines = learning_curves(history, "epoch", ["loss"], "epoch").axes[0].lines
    assert [(len(line.get_xdata()), line.get_marker()) for line in lines] == [
        (2, "None"),
        (2, "None"),
        (1, "o"),
        (1, "o"),
    ]


def test_a_matrix_writes_counts_and_shades_by_row() -> None:
    """Counts are text; a row's shade is its share of the true class."""
    figure = matrix(np.array([[30, 10], [0, 5]]), ["cod", "eel"])
    assert {"30", "10", "0", "5"} <= set(texts(figure))
    shade = figure.axes[0].images[0].get_array()
    assert np.allclose(shade, [[0.75, 0.25], [0, 1]])


def test_an_image_grid_shows_every_picture() -> None:
    """Seven pictures in rows of three: seven images and titles."""
    figure = image_grid([np.zeros((4, 4))] * 7, [f"p{i}" for i in range(7)], cols=3)
    assert sum(len(axis.images) for axis in figure.axes) == 7
    assert "p6" in texts(figure)


def test_scores_and_ranks_exhibits_carry_their_numbers() -> None:
    """Every value and every mean rank can be read from the CSV beside the figure."""
    verdict = make_verdict()
    scores = pd.read_csv(io.BytesIO(scores_exhibit(verdict)["data.csv"]))
    assert len(scores) == 15
    assert scores.loc[scores["arm"] == "second", "macro_f1"].tolist() == pytest.approx(
        [0.8, 0.81, 0.82, 0.83, 0.84]
    )
    ranks = pd.read_csv(io.BytesIO(ranks_exhibit(verdict)["data.csv"]))
    assert ranks["mean_rank"].tolist() == [1, 2, 3]


def test_without_a_critical_difference_the_differences_are_shown() -> None:
    """Two arms, independent runs or no test at all: intervals, with what they really cover."""
    head = json.loads(ranks_exhibit(make_verdict(test=None))["figure.json"])
    assert head["title"] == "Differences between arms"
    assert "93.8 % interval" in head["caption"]


def test_without_any_difference_the_exhibit_says_why() -> None:
    """When no pair has a value there is a sentence, not an empty picture."""
    verdict = make_verdict(test=None)
    verdict["pairs"] = [{**pair, "difference": None} for pair in verdict["pairs"]]
    files = ranks_exhibit(verdict)
    assert "figure.svg" not in files
    assert "finished nowhere" in json.loads(files["figure.json"])["caption"]
