"""The kind images from pictures to its page, through Kedro."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from fairtrial.core.checkpoints import set_checkpoint_folder
from fairtrial.core.records import Arrays
from fairtrial.core.study import Study
from fairtrial.images.audit.probes import PROBES
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import PARAMETERS, Arm
from fairtrial.images.ready import check_ready
from fairtrial.images.samples.sets import draw_samples
from fairtrial.pipelines.augment.images import create_images_pipeline as augment
from fairtrial.pipelines.evaluate.images import EXHIBITS
from fairtrial.pipelines.evaluate.images import create_images_pipeline as evaluate
from fairtrial.pipelines.ingest.images import create_images_pipeline as ingest
from fairtrial.pipelines.ingest.images import decode_pictures
from fairtrial.pipelines.train.images import create_images_pipeline as train
from tests.images.support import MemoryFolder, whole

ARMS: dict[str, Any] = {
    "frozen": {"network": "squeezenet", "init": "frozen", "augment": "bank", "epochs": 2},
    "finetuned": {"network": "squeezenet", "init": "finetune"},
    "banked": {"network": "residual", "augment": "bank", "image_side_px": 24},
    "plain": {"network": "residual", "image_side_px": 24},
}


class Kept(MemoryDataset):
    """Data in memory that outlives the last node that reads it."""

    def release(self) -> None:
        pass


class KeptArrays(Kept):
    """Arrays whose streams are read once, as the stored form does."""

    def save(self, data: Arrays) -> None:
        super().save(whole(data))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, DataCatalog]:
    """A study of four recipes over two chunks, run through every stage."""
    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        torch.save(NETWORKS.load("squeezenet").build().state_dict(), folder / "squeezenet1_0.pth")
    study = Study.model_validate(
        {
            "name": "shapes",
            "kind": "images",
            "arms": list(ARMS),
            "blocks": {"folds": 3},
            "chunk": 2,
            "design": "blocked",
            "primary_metric": "accuracy",
        }
    )
    values: dict[str, Any] = {
        "ingest": {"group": ["group"], "source": "source", "image_side_px": 32},
        "split": {},
        "augment": {"copies": 2},
        "train": {"epochs": 1, "batch_size": 8, "device": "cpu", "weights_dir": str(folder)},
        "evaluate": {},
    }
    groups: dict[str, Any] = {
        group: model.model_validate(values[group])
        for group, model in PARAMETERS.items()
        if group != "arms"
    }
    groups["arms"] = {name: Arm.model_validate(arm) for name, arm in ARMS.items()}
    check_ready(study, groups)
    files = draw_samples("fish_shapes", 60, 32, np.random.default_rng(0))
    first = next(path for path in files if path.endswith(".png"))
    files[f"{Path(first).parent}/broken.png"] = b"no picture"
    catalog = DataCatalog()
    catalog["raw"] = Kept(MemoryFolder(files))
    catalog["lineage"] = Kept({})
    catalog["structure"] = Kept((study, groups))
    catalog["params:seed"] = Kept(5)
    for group, value in groups.items():
        if group != "arms":
            catalog[f"params:{group}"] = Kept(value)
    for name, arm in groups["arms"].items():
        catalog[f"params:arms.{name}"] = Kept(arm)
    parts = [stage(study, groups) for stage in (ingest, augment, train, evaluate)]
    pipeline = sum(parts, Pipeline([]))
    for name in pipeline.all_outputs():
        arrays = name.startswith(("pack", "bank__", "outputs__"))
        catalog[name] = KeptArrays() if arrays else Kept()
    SequentialRunner().run(pipeline, catalog)
    return study, catalog


def test_every_trial_is_scored(run: tuple[Study, DataCatalog]) -> None:
    """Scores hold every arm, block, split and metric once, all of one manifest."""
    study, catalog = run
    scores = catalog.load("scores")
    whole = scores[scores["subset"] == "all"]
    assert (whole.groupby(["arm", "block", "split"]).size() == whole["metric"].nunique()).all()
    # All pictures are of one source, so that its probes have nothing to tell.
    assert list(scores["arm"].unique()) == [*study.arms, *PROBES]
    assert scores.groupby("arm")["block"].nunique().eq(3).all()
    assert set(scores.loc[scores["role"] == "floor", "arm"]) == {"shuffled_labels"}
    assert set(scores["status"]) == {"ok"}
    assert scores["manifest_sha256"].nunique() == 1
    assert scores["value"].notna().all()
    ledger = catalog.load("ledger")
    assert len(ledger) == 12
    assert (ledger["seconds"] > 0).all()


def test_a_broken_picture_is_told_of_on_the_page(run: tuple[Study, DataCatalog]) -> None:
    """It is counted by its reason, named in the manifest, trained on nowhere."""
    _, catalog = run
    report = catalog.load("ingest_report")
    reason = "content is none of BMP, JPEG, PNG, TIFF, WEBP"
    assert set(report) == {"counts", "reasons", "synthetic", "notes", "warnings"}
    assert report["counts"] == {"listed": 61, "used": 60, "excluded": 1}
    assert report["reasons"] == {reason: 1}
    manifest = catalog.load("manifest")
    assert manifest.loc[manifest["excluded"] == reason, "item_id"].str.endswith("broken.png").all()
    assert not catalog.load("splits")["item_id"].str.endswith("broken.png").any()
    page = catalog.load("page")
    assert reason in page
    assert "61 items listed, 60 used" in page


def test_a_recipe_holds_the_hash_of_its_weights(run: tuple[Study, DataCatalog]) -> None:
    """Nodes that load pretrained weights carry their SHA-256, the others none."""
    _, catalog = run
    used = catalog.load("bank__frozen").description["weights"]["sha256"]
    study, groups = catalog.load("structure")
    nodes = (augment(study, groups) + train(study, groups)).nodes
    found = {
        node.name.rpartition(".")[2]: node.func.keywords["weights_sha256"]
        for node in nodes
        if "weights_sha256" in node.func.keywords
    }
    assert found["cache_features__frozen"] == found["train_arm__finetuned__0"] == used
    assert found["train_arm__plain__0"] is None


def test_arms_with_a_frozen_base_are_fed_with_their_bank(
    run: tuple[Study, DataCatalog],
) -> None:
    """A frozen arm keeps a head alone, learned on its original and two copies."""
    _, catalog = run
    assert catalog.load("bank__frozen")["features"].shape == (60, 3, 512)
    assert set(catalog.load("model__frozen__0").states["fold_1"]) == {
        "mean", "std", "linear.weight", "linear.bias",
    }  # fmt: skip
    assert "head.linear.bias" in catalog.load("model__finetuned__1").states["fold_2"]


def test_the_page_shows_every_exhibit(run: tuple[Study, DataCatalog]) -> None:
    """Each figure that the nodes make stands on the page, with the short-run note."""
    study, catalog = run
    page = catalog.load("page")
    for name in EXHIBITS:
        title = json.loads(catalog.load(f"figure__{name}")["figure.json"])["title"]
        assert f"<h3>{title}</h3>" in page, name
    assert "too short to rank networks" in page
    recipes = catalog.load("figure__recipes")
    assert "squeezenet1_0.pth" in recipes["data.csv"].decode()
    confusion = pd.read_csv(pd.io.common.BytesIO(catalog.load("figure__confusion")["data.csv"]))
    assert (confusion.groupby("arm")["items"].sum() == 60).all()
    for name in ("heat", "costs"):
        # A frozen arm is explained and timed with its whole base.
        found = pd.read_csv(pd.io.common.BytesIO(catalog.load(f"figure__{name}")["data.csv"]))
        assert list(found["arm"].unique()) == list(study.arms)


def test_the_audit_reaches_verdict_and_page(run: tuple[Study, DataCatalog]) -> None:
    """Each arm has its lead over every probe; the warnings of the audit are the verdict's."""
    study, catalog = run
    verdict, found = catalog.load("verdict"), catalog.load("audit")
    others = {row["arm"]: row for row in verdict["others"]}
    assert set(others) == set(PROBES)
    for row in others.values():
        assert [lead["arm"] for lead in row["leads"]] == list(study.arms)
        assert all(lead["difference"] for lead in row["leads"])
        assert row["sees"] == PROBES[row["arm"]].sees
    assert set(found["warnings"]) <= set(verdict["warnings"])
    page = catalog.load("page")
    for title in ("Shortcuts", "Class balance", "Sizes and shapes", "Sources by class"):
        assert f"<h3>{title}</h3>" in page
    assert "All pictures are of one source" in page


def test_the_best_model_is_exported(run: tuple[Study, DataCatalog], tmp_path: Path) -> None:
    """The exported file loads without this project and gives probabilities."""
    _, catalog = run
    files = catalog.load("model__best")
    card = json.loads(files["model.json"])
    assert card["arm"] in ARMS
    (tmp_path / "model.pt").write_bytes(files["model.pt"])
    program = torch.export.load(tmp_path / "model.pt").module()
    side = card["image_side_px"]
    found = program(torch.rand(3, card["channels"], side, side))
    assert found.shape == (3, len(card["labels"]))
    torch.testing.assert_close(found.sum(1), torch.ones(3))


def test_wiring_imports_nothing_heavy() -> None:
    """Reading the registry of an image study loads neither torch nor pandas."""
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from fairtrial.pipelines.ingest import images\n"
        "from fairtrial.pipelines.augment import images\n"
        "from fairtrial.pipelines.train import images\n"
        "from fairtrial.pipelines.evaluate import images\n"
        "heavy = {'torch', 'torchvision', 'matplotlib', 'scipy', 'sklearn', 'pandas', 'PIL'}\n"
        "from fairtrial.images.parameters import Arm\n"
        "from fairtrial.images.trials.weights import wanted_weights\n"
        "from fairtrial.training.weights import recipe_digits\n"
        "wanted = wanted_weights(Arm(network='resnet18', init='finetune'), None, 'here')\n"
        "assert recipe_digits(wanted) == 'f37072fd'\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_pixels_wait_beside_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While pictures are decoded their pixels lie in the node's own folder, not in memory."""
    places: list[Any] = []
    open_file = tempfile.TemporaryFile

    def note(**settings: Any) -> Any:
        places.append(settings["dir"])
        return open_file(**settings)

    monkeypatch.setattr(tempfile, "TemporaryFile", note)
    files = draw_samples("chest_phantoms", 8, 16, np.random.default_rng(0))
    ingest_parameters = PARAMETERS["ingest"](image_side_px=16)
    for folder in (tmp_path / "fingerprint", None):
        set_checkpoint_folder(folder)
        try:
            _, pack, _ = decode_pictures(MemoryFolder(files), ingest_parameters, synthetic=True)
        finally:
            set_checkpoint_folder(None)
        assert places.pop() == folder
        assert whole(pack)["pixels"].shape == (8, 16, 16, 3)
