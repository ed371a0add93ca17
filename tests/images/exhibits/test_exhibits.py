"""What the exhibits of predictions say, on outputs made by hand."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Arrays, Files
from fairtrial.core.seeds import stream
from fairtrial.images.exhibits import PICTURES, PREDICTIONS
from fairtrial.images.exhibits.predictions import picture_exhibits, prediction_exhibits
from fairtrial.images.parameters import Evaluate
from fairtrial.images.scoring.metrics import METRICS, measure
from fairtrial.images.scoring.pooled import pool, right_table

LABELS = ["covid", "normal"]
ITEMS = [f"{i:02d}.png" for i in range(24)]
Y = np.arange(24) % 2
QUICK = Evaluate(resamples=50)


def output(arm: str, wrong: list[int], folds: int = 2, seeds: int = 1) -> Arrays:
    """Predictions of every item in its fold; those of ``wrong`` miss, the surest first."""
    parts = []
    for seed in range(seeds):
        for fold in range(folds):
            items = np.arange(fold, 24, folds)
            right = ~np.isin(items, wrong)
            sure = np.array([0.99 - 0.01 * wrong.index(i) if i in wrong else 0.8 for i in items])
            guess = np.where(right, Y[items], 1 - Y[items])
            probabilities = np.where(
                np.arange(2) == guess[:, None], sure[:, None], 1 - sure[:, None]
            )
            # Later seeds are right everywhere: they must not count.
            if seed:
                probabilities = np.eye(2)[Y[items]]
            name = f"fold_{fold}" + (f"_seed_{seed}" if seed else "")
            parts.append((np.full(len(items), name), items, probabilities))
    blocks = np.concatenate([block for block, _, _ in parts])
    rows = np.concatenate([items for _, items, _ in parts])
    return Arrays(
        {
            "block": blocks,
            "split": np.full(len(rows), "test"),
            "item_id": np.array(ITEMS)[rows],
            "y": Y[rows],
            "probabilities": np.concatenate([found for _, _, found in parts]),
        },
        {"study": "tiny", "arm": arm, "labels": LABELS},
    )


def manifest(sources: tuple[str, ...] = ("",)) -> pd.DataFrame:
    """Two items a group; sources in turn."""
    rows = range(24)
    return pd.DataFrame(
        {
            "item_id": ITEMS,
            "group": [f"g{i // 2}" for i in rows],
            "source": [sources[i // 2 % len(sources)] for i in rows],
        }
    )


def data(files: Files) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["data.csv"]))


def caption(files: Files) -> str:
    return str(json.loads(files["figure.json"])["caption"])


ARMS = [output("good", [3]), output("bad", [3, 4, 5, 6, 8, 10, 12])]


@pytest.fixture(scope="module")
def made() -> dict[str, Files]:
    return prediction_exhibits(ARMS, manifest(("east", "west")), QUICK, "tiny", 0)


def test_each_item_counts_once_whatever_the_seeds() -> None:
    """Of several blocks that test an item the first counts; an arm without rows is left out."""
    found = pool([output("a", [1, 2], seeds=3), ARMS[0]])
    assert list(found["a"].ids) == ITEMS
    assert set(found["a"].blocks) == {"fold_0", "fold_1"}
    assert (~found["a"].right).sum() == 2
    assert right_table(found).shape == (24, 2)
    nothing = {name: values[:0] for name, values in ARMS[0].arrays.items()}
    assert set(pool([Arrays(nothing, {"arm": "none"}), ARMS[0]])) == {"good"}


def test_arms_lead_probes_on_the_same_items() -> None:
    """The difference is that of the shared items; probes of the sources are left out."""
    trivial = output("colours", [0, 1, 3, 4, 5, 6])
    colours, sources = (
        Arrays(trivial.arrays, {**trivial.description, "arm": name, "target": target})
        for name, target in (("colours", "label"), ("places", "source"))
    )
    made = prediction_exhibits(ARMS, manifest(), QUICK, "tiny", 0, [colours, sources])
    lead = data(made["lead"]).set_index("arm")
    assert set(lead["probe"]) == {"colours"}
    assert lead.loc["good", "difference"] == pytest.approx(5 / 24)
    assert lead.loc["bad", "difference"] == pytest.approx(-1 / 24)
    assert (lead["low"] <= lead["difference"]).all()
    assert (lead["difference"] <= lead["high"]).all()
    assert set(lead["items"]) == {24}


def test_metrics_stand_with_both_intervals(made: dict[str, Files]) -> None:
    """Estimates are those of all items; the intervals hold them; Wilson's are of proportions."""
    table = data(made["metrics"])
    found = pool(ARMS)
    for arm, part in table.groupby("arm"):
        values = measure(found[str(arm)].y, found[str(arm)].probabilities)
        assert dict(zip(part["metric"], part["estimate"], strict=True)) == pytest.approx(values)
        assert set(part["metric"]) <= set(METRICS)
    assert (table["low"] <= table["high"]).all()
    assert set(table.loc[table["wilson_low"].notna(), "metric"]) == {"accuracy"}
    assert (table["groups"] == 12).all()
    readable = pd.read_csv(io.BytesIO(made["metrics"]["table.csv"]))
    assert list(readable.columns) == ["metric", "good", "bad"]


def test_a_positive_class_gives_sensitivity_and_specificity() -> None:
    """Both have Wilson's interval; a name that is no class is an error."""
    evaluate = QUICK.model_copy(update={"positive": "covid"})
    table = data(prediction_exhibits(ARMS, manifest(), evaluate, "tiny", 0)["metrics"])
    bad = table[table["arm"] == "bad"].set_index("metric")
    # Of 12 covid pictures five are missed (4, 6, 8, 10, 12), of 12 normal ones two (3, 5).
    assert bad.loc["sensitivity", "estimate"] == pytest.approx(7 / 12)
    assert bad.loc["specificity", "estimate"] == pytest.approx(10 / 12)
    assert bad.loc["sensitivity", "wilson_low"] < 7 / 12 < bad.loc["sensitivity", "wilson_high"]
    wrong = QUICK.model_copy(update={"positive": "flu"})
    with pytest.raises(ConfigError, match="one of exactly two classes"):
        prediction_exhibits(ARMS, manifest(), wrong, "tiny", 0)


def test_agreement_counts_items_and_warns_of_groups(made: dict[str, Files]) -> None:
    """Six items are right with the good arm alone, none with the bad: p = 2 / 2**6."""
    row = data(made["agreement"]).iloc[0]
    assert (row["only_a"], row["only_b"]) == (6, 0)
    assert row["p"] == pytest.approx(2 / 64)
    assert row["difference"] == pytest.approx(6 / 24)
    assert row["low"] <= 6 / 24 <= row["high"]
    text = caption(made["agreement"])
    assert "McNemar (exact)" in text
    assert "12 groups and those of one group are not independent" in text
    assert "several blocks or seeds tested counts by the first" in text
    alone = prediction_exhibits(ARMS[:1], manifest(), QUICK, "tiny", 0)["agreement"]
    assert "nothing to compare" in caption(alone)


def test_sources_are_told_apart_where_they_are_known(made: dict[str, Files]) -> None:
    """A row a source and arm with its items; one source or none is said to be one or none."""
    table = data(made["by_source"])
    assert table.groupby("arm")["items"].sum().eq(24).all()
    assert set(table["source"]) == {"east", "west"}
    assert "figure.svg" in made["by_source"]
    one = prediction_exhibits(ARMS, manifest(("east",)), QUICK, "tiny", 0)["by_source"]
    assert "All of one source, east" in caption(one)
    none = prediction_exhibits(ARMS, manifest(), QUICK, "tiny", 0)["by_source"]
    assert "No source is known" in caption(none)
    assert "figure.svg" not in none


def test_curves_end_in_their_corners(made: dict[str, Files]) -> None:
    """ROC curves run from (0, 0) to (1, 1) and never fall; precision is a share."""
    table = data(made["areas"])
    for _, part in table[table["curve"] == "roc"].groupby("arm"):
        assert tuple(part.iloc[-1][["x", "y"]]) == (1, 1)
        assert part["y"].is_monotonic_increasing
    assert table["y"].between(0, 1).all()
    evaluate = QUICK.model_copy(update={"positive": "covid"})
    one = data(prediction_exhibits(ARMS, manifest(), evaluate, "tiny", 0)["areas"])
    assert tuple(one.iloc[0][["x", "y"]]) == (0, 0)


def test_the_worst_mistakes_come_first() -> None:
    """Mistakes are listed by confidence; the gallery shows the same pictures for every arm."""
    pixels = stream(0, "pixels").integers(0, 256, (24, 16, 16, 1), dtype=np.uint8)
    pack = Arrays({"pixels": pixels}, {"items": ITEMS})
    made = picture_exhibits(ARMS, pack, "tiny", 0)
    assert set(made) == set(PICTURES)
    table = data(made["mistakes"])
    bad = table[table["arm"] == "bad"]
    assert list(bad["item_id"]) == [ITEMS[i] for i in (3, 4, 5, 6, 8, 10, 12)]
    assert (bad["true"] != bad["predicted"]).all()
    assert list(table.loc[table["arm"] == "good", "confidence"]) == [0.99]
    shown = data(made["gallery"])
    first, second = (list(part["item_id"]) for _, part in shown.groupby("arm"))
    assert first == second


def test_a_study_whose_trials_all_failed_still_has_its_exhibits() -> None:
    """Each says that there was nothing to predict."""
    nothing = {name: values[:0] for name, values in ARMS[0].arrays.items()}
    failed = [Arrays(nothing, ARMS[0].description)]
    made = prediction_exhibits(failed, manifest(), QUICK, "tiny", 0)
    made |= picture_exhibits(failed, Arrays({}, {}), "tiny", 0)
    assert set(made) == {*PREDICTIONS, *PICTURES}
    assert all("No arm predicted" in caption(files) for files in made.values())
