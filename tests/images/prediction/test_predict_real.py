"""Published pictures: an X-ray model answers X-rays and refuses fish."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fairtrial.images.parameters import Arm, Augment, Evaluate, Ingest, Split, Train
from fairtrial.images.prediction.predict_new import predict_pictures
from fairtrial.images.prediction.trained import Origin, describe_trained, find_trial
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.splitting.splits import split_items
from fairtrial.images.trials.bank import cache_features
from fairtrial.images.trials.train import Trials, train_trials
from tests.images.support import MemoryFolder, folder, whole


def test_an_xray_model_answers_xrays_and_refuses_fish(real_data: Path) -> None:
    """Of the X-rays of a test fold few are refused, of photos of fish nearly all."""
    ingest = Ingest(
        ignore=("pneumonia",),
        group=("patient_group", "dup_group"),
        image_side_px=64,
        channels=1,
    )
    raw = folder(real_data / "xray")
    manifest, stream, _ = build_pack(raw, ingest, synthetic=False)
    pack = whole(stream)
    splits = split_items(manifest, Split(), "xray", 5, 0)
    arm = Arm(network="mobilenet_v2", init="frozen", augment="none", epochs=30)
    train = Train(weights_dir=str(real_data / "weights"), batch_size=32, device="cpu")
    bank = cache_features(pack, None, arm, train, "xray.arms.frozen")
    trials = Trials("xray", "frozen", ["fold_0"], 0, arm, train, Augment())
    models, _ = train_trials(trials, bank, None, manifest, splits, None)
    found, weights = find_trial([models], "frozen", "fold_0", train.weights_dir)
    origin = Origin(pack, manifest, splits, ingest, Evaluate(), synthetic=False)
    trained = describe_trained(found, "fold_0", weights, origin)

    role = splits[(splits["block"] == "fold_0") & (splits["role"] == "test")]
    own = predict_pictures(trained, MemoryFolder({i: raw.read(i) for i in role["item_id"]}))
    assert (own["status"] == "refused").mean() <= 0.15
    fish = folder(real_data / "fish")
    photos = fish.files["path"][fish.files["path"].str.endswith(".jpg")]
    chosen = np.random.default_rng(0).permutation(photos)[:120]
    foreign = predict_pictures(trained, MemoryFolder({path: fish.read(path) for path in chosen}))
    assert (foreign["status"] == "refused").mean() >= 0.95
