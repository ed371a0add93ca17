"""The published pictures: how many, in which groups, and how well a frozen base tells them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.parameters import Arm, Augment, Ingest, Split, Train
from fairtrial.images.reading.listing import list_items
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.scoring.scores import score_rows
from fairtrial.images.splitting.splits import split_items
from fairtrial.images.trials.bank import cache_features
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.trials.train import Trials, train_trials
from tests.images.support import folder, whole

FOLDS = Blocks(folds=5).names()


def test_xray_groups_keep_patients_and_duplicates_together(real_data: Path) -> None:
    """Rows that share a patient or a found duplicate are one group; folds keep them apart."""
    ingest = Ingest(
        classes={"covid": "covid", "normal": "normal"},
        ignore=("pneumonia",),
        group=("patient_group", "dup_group"),
        source="source_repo",
    )
    rows = list_items(folder(real_data / "xray"), ingest).rows
    table = pd.read_csv(real_data / "xray" / "metadata.csv", dtype=str).set_index("file")
    joined = rows.join(table[["patient_group", "dup_group"]], on="item_id")
    for column in ("patient_group", "dup_group"):
        assert (joined.dropna(subset=column).groupby(column)["group"].nunique() == 1).all()
    assert rows["group"].nunique() == 301
    assert set(rows["label"]) == {"covid", "normal"}
    split_items(rows, Split(), "xray", len(FOLDS), 0)


def test_the_xray_report_says_that_the_source_gives_the_label_away(real_data: Path) -> None:
    """Covid and normal come from different hospitals, and the page says so."""
    ingest = Ingest(ignore=("pneumonia",), source="source_repo", image_side_px=16)
    _, pack, report = build_pack(folder(real_data / "xray"), ingest, synthetic=False)
    whole(pack)
    assert any("gives the label away" in note for note in report["warnings"])


def test_a_frozen_base_tells_fish_apart(real_data: Path) -> None:
    """MobileNetV2 with ImageNet's weights and a linear head exceeds 0.93 over grouped folds."""
    ingest = Ingest(group=("source_group",), image_side_px=224)
    manifest, stream, report = build_pack(folder(real_data / "fish"), ingest, synthetic=False)
    assert report["counts"] == {"listed": 498, "used": 498, "excluded": 0}
    pack: Arrays = whole(stream)
    splits = split_items(manifest, Split(), "fish", len(FOLDS), 0)
    arm = Arm(
        network="mobilenet_v2",
        init="frozen",
        augment="none",
        epochs=100,
        learning_rate=3e-4,
        schedule="constant",
    )
    train = Train(weights_dir=str(real_data / "weights"), batch_size=32, device="cpu")
    trials = Trials("fish", "frozen", FOLDS, 0, arm, train, Augment())
    bank = cache_features(pack, None, arm, train, "fish.arms.frozen")
    models, _ = train_trials(trials, bank, None, manifest, splits, None)
    outputs = predict_trials(bank, models, manifest, splits, "cpu")
    rows = pd.DataFrame(score_rows([outputs], splits, {}))
    test = rows[(rows["metric"] == "accuracy") & (rows["split"] == "test")]
    assert test["value"].mean() > 0.93
