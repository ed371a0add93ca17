"""New pictures: answered, abstained from, refused or unreadable, each with its reason."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.records import Files
from fairtrial.images.parameters import Arm, Augment, Evaluate, Ingest, Split, Train
from fairtrial.images.prediction.exported import export_trained, read_exported
from fairtrial.images.prediction.likeness import describe_look, fit_cloud
from fairtrial.images.prediction.predict_new import predict_pictures
from fairtrial.images.prediction.prediction_report import PAGE, TABLE, report_predictions
from fairtrial.images.prediction.trained import Origin, Trained, describe_trained
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.samples.sets import draw_samples
from fairtrial.images.splitting.splits import split_items
from fairtrial.images.trials.train import Trials, train_trials
from tests.images.support import MemoryFolder, png, whole

SIDE = 32
INGEST = Ingest(group=("group",), image_side_px=SIDE, channels=1)


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of phantoms and the files of its test items."""

    trained: Trained
    test: Files


@pytest.fixture(scope="module")
def model() -> Model:
    """Our residual network, two epochs on 240 phantoms; 40 of them validate."""
    files = draw_samples("chest_phantoms", 240, SIDE, np.random.default_rng(0))
    manifest, stream, _ = build_pack(MemoryFolder(files), INGEST, synthetic=True)
    pack = whole(stream)
    splits = split_items(manifest, Split(valid_share=0.25), "new", 3, 0)
    train = Train(epochs=2, batch_size=16, learning_rate=2e-3, precise_batch_norm=True)
    trials = Trials("new", "residual", ["fold_0"], 5, Arm(network="residual"), train, Augment())
    models, _ = train_trials(trials, pack, None, manifest, splits, None)
    evaluate = Evaluate(research_use_only=True)
    origin = Origin(pack, manifest, splits, INGEST, evaluate, synthetic=True)
    trained = describe_trained(models, "fold_0", None, origin)
    role = splits[(splits["block"] == "fold_0") & (splits["role"] == "test")]
    return Model(trained, {item: files[item] for item in role["item_id"]})


def statuses(trained: Trained, files: Files, threshold: float | None = 0.0) -> pd.DataFrame:
    return predict_pictures(trained, MemoryFolder(files), threshold).set_index("picture")


def test_every_file_has_a_row_and_most_test_items_an_answer(model: Model) -> None:
    """Pictures like those of the training are answered; their numbers are probabilities."""
    found = statuses(model.trained, model.test)
    assert sorted(found.index) == sorted(model.test)
    answered = found[found["status"] == "answered"]
    assert len(answered) >= 0.85 * len(found)
    labels = model.trained.labels
    p = answered[[f"p_{label}" for label in labels]].to_numpy()
    np.testing.assert_allclose(p.sum(1), 1)
    assert answered["prediction"].tolist() == [labels[k] for k in p.argmax(1)]
    for label in labels:
        assert (answered[f"low_{label}"] <= answered[f"high_{label}"]).all()
    assert (answered["unlikeness"] <= 1).all()
    assert (answered["reason"] == "").all()


def test_what_the_model_was_never_shown_is_refused(model: Model) -> None:
    """Drawn fish, noise and a negative of the same size are refused, and get no probability."""
    fish = draw_samples("fish_shapes", 20, SIDE, np.random.default_rng(1))
    foreign = {f"fish/{name}": data for name, data in fish.items() if name.endswith(".png")}
    noise = np.random.default_rng(2).integers(0, 256, (10, SIDE, SIDE), np.uint8)
    foreign |= {f"noise/{index}.png": png(pixels) for index, pixels in enumerate(noise)}
    found = statuses(model.trained, foreign)
    assert (found["status"] == "refused").mean() >= 0.95
    refused = found[found["status"] == "refused"]
    assert refused.filter(regex="^(p|low|high)_").isna().all(axis=None)
    assert refused["reason"].str.contains("times the distance from the training pictures").all()
    assert (refused["prediction"] == "").all()


def test_shapes_and_sizes_unlike_the_training_are_refused(model: Model) -> None:
    """A phantom that was cut to a strip, and one shrunk to a stamp, each with its numbers."""
    phantom = np.tile(np.linspace(0, 255, SIDE).astype(np.uint8), (SIDE, 1))
    found = statuses(
        model.trained,
        {"strip.png": png(np.hstack([phantom] * 4)), "stamp.png": png(phantom[:14, :14])},
    )
    assert found.loc["strip.png", "reason"].startswith("its shape: 4.00 times as wide as high")
    assert found.loc["stamp.png", "reason"].startswith("its size: 14 x 14 px; no side")
    assert (found["status"] == "refused").all()


def test_files_that_cannot_be_read_keep_nobody_from_an_answer(model: Model) -> None:
    """Empty, truncated, foreign and too deep files are told apart by their reasons."""
    name, content = next(iter(model.test.items()))
    deep = png(np.full((SIDE, SIDE), 4000, np.uint16))
    found = statuses(
        model.trained,
        {
            "empty.png": b"",
            "cut.png": content[: len(content) // 2],
            "notes.txt": b"words",
            "deep.png": deep,
            name: content,
        },
    )
    reasons = found["reason"]
    assert found["status"].drop(name).eq("unreadable").all()
    assert reasons["empty.png"] == "the file is empty"
    assert "decoded to the end" in reasons["cut.png"]
    assert reasons["notes.txt"] == "not a picture file (.txt)"
    assert reasons["deep.png"].startswith("the model was trained on 8-bit grey or RGB, and this")
    assert found.loc[name, "status"] in ("answered", "refused")


def test_files_are_refused_by_the_rules_of_the_ingest(model: Model) -> None:
    """Too large ones unread; those without a suffix only among others that have one."""
    name, content = next(iter(model.test.items()))
    card = model.trained.card
    limit = {**card["ingest"], "largest_megabytes": len(content) / 1e6}
    strict = dataclasses.replace(model.trained, card={**card, "ingest": limit})
    found = statuses(strict, {name: content, "large.png": content + b"x"})
    assert found.loc["large.png", "status"] == "unreadable"
    assert found.loc["large.png", "reason"].startswith("a file of more than 0.00")
    assert found.loc[name, "status"] in ("answered", "refused")
    among = statuses(model.trained, {name: content, "IM0001": content})
    assert among.loc["IM0001", "reason"] == "not a picture file (no suffix)"
    alone = statuses(model.trained, {"IM0001": content, "notes.txt": b"words"})
    assert alone.loc["IM0001", "status"] == among.loc[name, "status"]
    assert alone.loc["notes.txt", "reason"] == "not a picture file (.txt)"


def test_it_abstains_below_the_threshold(model: Model) -> None:
    """By hand, by the card, and always where the card could set none."""
    found = statuses(model.trained, model.test, 1.0)
    abstained = found[found["status"] == "abstained"]
    assert len(abstained)
    assert (
        abstained["reason"]
        .str.fullmatch(r"its probability 0\.\d{3} is below the threshold 1\.000")
        .all()
    )
    assert (abstained["prediction"] == "").all()
    assert abstained["p_covid"].notna().all()
    assert model.trained.card["abstention"]["threshold"] is not None
    few = {**model.trained.card["abstention"], "threshold": None}
    unsure = dataclasses.replace(model.trained, card={**model.trained.card, "abstention": few})
    found = statuses(unsure, model.test, None)
    assert "answered" not in set(found["status"])
    assert found["reason"].str.contains("too few for a threshold; give one with --threshold").any()


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_probability(model: Model, threshold: float) -> None:
    """Anything else is an error before a picture is read."""
    with pytest.raises(ConfigError, match="--threshold: expected a probability from 0 to 1"):
        statuses(model.trained, model.test, threshold)


def test_nothing_to_predict_is_an_error(model: Model) -> None:
    """A folder without files."""
    with pytest.raises(DataError, match="expected pictures, found an empty folder"):
        statuses(model.trained, {})


def test_company_changes_no_prediction(model: Model) -> None:
    """A picture alone gets what it gets among others, but for rounding."""
    name, content = next(iter(model.test.items()))
    alone = statuses(model.trained, {name: content}).loc[name]
    among = statuses(model.trained, model.test).loc[name]
    assert alone["status"] == among["status"]
    np.testing.assert_allclose(alone["p_covid"], among["p_covid"], atol=1e-5)


def test_the_exported_model_predicts_what_its_trial_does(model: Model, tmp_path: Path) -> None:
    """Table by table, from files that went elsewhere."""
    for name, content in export_trained(model.trained, onnx=False).items():
        (tmp_path / name).write_bytes(content)
    again = statuses(read_exported(tmp_path), model.test)
    pd.testing.assert_frame_equal(again, statuses(model.trained, model.test), rtol=1e-6)


def test_the_page_says_what_was_done_and_why(model: Model) -> None:
    """Banner, counts, reasons, heat maps, thresholds: one page that loads nothing."""
    strip = png(np.tile(np.arange(SIDE, dtype=np.uint8) * 8, (8, 1)))
    raw = MemoryFolder({**dict(list(model.test.items())[:4]), "strip.png": strip, "no.txt": b"-"})
    report = report_predictions(model.trained, raw, "new", threshold=0.0)
    page = report.files[PAGE].decode()
    assert report.sentence.startswith("6 pictures: ")
    for text in (
        report.sentence,
        "Research use only",
        "Trained on synthetic samples",
        "its shape: 4.00 times",
        "not a picture file (.txt)",
        "Grad-CAM",
        "Venn-Abers",
        "set by hand",
        "data:image/svg+xml",
    ):
        assert text in page, text
    assert "http" not in page.replace("http-equiv", "")
    table = pd.read_csv(io.BytesIO(report.files[TABLE]))
    assert len(table) == 6
    by_card = report_predictions(model.trained, raw, "new").files[PAGE].decode()
    assert "conformal risk control" in by_card


def test_looks_are_finite_at_every_size_and_colour() -> None:
    """The smallest and odd sides, grey and RGB, flat and noisy; directions are told apart."""
    generator = np.random.default_rng(0)
    for side, channels in ((8, 1), (11, 3), (64, 1), (100, 3)):
        noisy = generator.integers(0, 256, (3, side, side, channels), np.uint8)
        flat = np.full((1, side, side, channels), 7, np.uint8)
        assert np.isfinite(describe_look(np.concatenate([noisy, flat]))).all()
    rows = np.tile(((np.arange(32) % 8) * 30).astype(np.uint8)[:, None], (1, 32))
    looks = describe_look(np.stack([rows, rows.T])[..., None])
    assert np.abs(looks[0] - looks[1]).max() > 0.1


def test_a_cloud_measures_mahalanobis_distance() -> None:
    """With full rank it is the textbook's; far away in a direction that never varied is far."""
    generator = np.random.default_rng(0)
    mixing = generator.normal(size=(3, 3))
    vectors = generator.normal(size=(4000, 3)) @ mixing
    found = fit_cloud(vectors).distances(vectors[:50])
    centred = vectors[:50] - vectors.mean(0)
    inverse = np.linalg.inv(np.cov(vectors.T))
    expected = np.sqrt(np.einsum("ni,ij,nj->n", centred, inverse, centred))
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    fixed = np.column_stack([vectors, np.zeros(len(vectors))])
    cloud = fit_cloud(fixed)
    moved = fixed[:1] + np.array([0, 0, 0, 5])
    assert cloud.distances(moved)[0] > cloud.distances(fixed[:1])[0] + 10
