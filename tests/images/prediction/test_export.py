"""Exported models: chosen, equal to their source, and read back without running any of it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch

from fairtrial.core.errors import ConfigError, DataError, StorageError, TrialError
from fairtrial.core.hashing import sha256_bytes, sha256_json
from fairtrial.core.records import Files, Models
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Evaluate, Ingest
from fairtrial.images.prediction import export
from fairtrial.images.prediction.export import choose_best, export_onnx, export_program
from fairtrial.images.prediction.exported import CARD, export_trained, read_exported
from fairtrial.images.prediction.trained import Origin, Trained, describe_trained, find_trial
from fairtrial.images.ready import check_onnx
from fairtrial.images.trials.classifier import Classifier, build_base, build_head
from fairtrial.images.trials.predict import restore_classifier
from fairtrial.images.trials.train import train_trials
from tests.images.studies import BLOCKS, tiny, trials

INGEST = Ingest(group=("group",), image_side_px=32, channels=1)


@pytest.fixture(scope="module")
def models() -> Models:
    """Two trials of our residual network on phantoms of 16 px."""
    data, wanted = tiny(), trials(Arm(network="residual", image_side_px=16), BLOCKS[:2])
    return train_trials(wanted, data.pack, None, data.manifest, data.splits, None)[0]


@pytest.fixture(scope="module")
def trained(models: Models) -> Trained:
    """The second trial with its card."""
    data = tiny()
    origin = Origin(data.pack, data.manifest, data.splits, INGEST, Evaluate(), synthetic=True)
    return describe_trained(models, "fold_1", None, origin)


@pytest.fixture(scope="module")
def files(trained: Trained) -> Files:
    """It as files."""
    return export_trained(trained, onnx=True)


@pytest.fixture
def folder(files: Files, tmp_path: Path) -> Path:
    """A copy of the files that a test may alter."""
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def pictures(n: int) -> torch.Tensor:
    return torch.rand(n, 1, 16, 16, generator=torch.Generator().manual_seed(n))


def rewrite_card(folder: Path, **changes: object) -> None:
    """Change a card as somebody would who knows how its checksum is made."""
    card = {**json.loads((folder / CARD).read_bytes()), **changes}
    card["card_sha256"] = sha256_json({k: v for k, v in card.items() if k != "card_sha256"})
    (folder / CARD).write_text(json.dumps(card))


def test_the_best_is_chosen_on_validation_items() -> None:
    """Test scores, parts of the items and other protocols do not enter; the direction does."""
    rows = [
        ("a", "fold_0", "valid", 0.9), ("a", "fold_1", "valid", 0.7), ("a", "fold_0", "test", 0.1),
        ("b", "fold_0", "valid", 0.6), ("b", "fold_1", "valid", 0.8), ("b", "fold_0", "test", 0.9),
    ]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["arm", "block", "split", "value"])
    scores = scores.assign(metric="macro_f1", status="ok", higher_is_better=True, role="arm")
    scores = scores.assign(subset="all", protocol="standard")
    assert choose_best(scores, "macro_f1") == ("a", "fold_0")
    lower = scores.assign(higher_is_better=False)
    assert choose_best(lower, "macro_f1") == ("b", "fold_0")
    for other in ({"role": "probe"}, {"subset": "clinic"}, {"protocol": "naive"}):
        better = scores.assign(arm="c", value=1.0, **other)
        assert choose_best(pd.concat([scores, better]), "macro_f1") == ("a", "fold_0")
    with pytest.raises(TrialError, match="a trial that ended well"):
        choose_best(scores.assign(status="diverged"), "macro_f1")


def test_a_trial_that_is_not_there_is_an_error(models: Models) -> None:
    """The message lists the trials that are."""
    assert find_trial([models], "one", "fold_1", None) == (models, None)
    with pytest.raises(TrialError, match=r"one:fold_7: .* Trained here: one:fold_0, one:fold_1\."):
        find_trial([models], "one", "fold_7", None)


def test_programs_equal_their_source(models: Models, files: Files) -> None:
    """Both formats give the source's probabilities for any number of pictures."""
    program = torch.export.load(io.BytesIO(files["model.pt"])).module()
    session = onnxruntime.InferenceSession(files["model.onnx"], providers=["CPUExecutionProvider"])
    source = restore_classifier(models, "fold_1", None)
    for n in (1, 5):
        with torch.no_grad():
            expected = torch.softmax(source(pictures(n)), 1)
            torch.testing.assert_close(program(pictures(n)), expected, atol=1e-6, rtol=0)
        (found,) = session.run(None, {"pictures": pictures(n).numpy()})
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "squeezenet"])
def test_branches_and_skips_become_onnx(name: str) -> None:
    """Networks of other shapes export too; the export compares them with their source itself."""
    network = NETWORKS.load(name)
    classifier = Classifier(build_base(network, None, 1), build_head(network, 3, 0.0, 1))
    assert export_onnx(classifier, 3, network.smallest_side_px)


def test_an_export_that_differs_is_refused(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program whose probabilities are not its source's never becomes a file."""
    monkeypatch.setattr(export, "_TOLERANCE", {"model.pt": -1.0, "model.onnx": -1.0})
    for function in (export_program, export_onnx):
        with pytest.raises(TrialError, match=r"equal to the source model's within -1"):
            function(trained.classifier, 1, 16)


def test_the_extra_is_looked_for_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX without its libraries is one clear error; without ONNX nothing is missed."""
    monkeypatch.setattr("fairtrial.images.ready.find_spec", lambda name: None)
    check_onnx("xray.evaluate.export_onnx", Evaluate())
    with pytest.raises(ConfigError, match=r"pip install 'fairtrial\[onnx\]'"):
        check_onnx("xray.evaluate.export_onnx", Evaluate(export_onnx=True))


def test_the_card_says_what_prediction_elsewhere_takes(files: Files, trained: Trained) -> None:
    """Labels, how pictures are read, limits, hashes of data and files, and versions."""
    card = json.loads(files[CARD])
    assert card["labels"] == ["covid", "normal"]
    assert (card["block"], card["network"], card["image_side_px"]) == ("fold_1", "residual", 16)
    assert Ingest.model_validate(card["ingest"]) == INGEST
    assert set(card["files"]) == {"model.pt", "model.onnx", "reference.safetensors"}
    assert len(card["manifest_sha256"]) == len(card["splits_sha256"]) == 64
    assert torch.__version__.startswith(card["software"]["torch"])
    assert card["validation"]["items"] == len(trained.reference["valid_y"])
    assert card["refusal"]["share"] <= 0.5


def test_it_is_read_back_without_running_any_of_it(
    folder: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the folder or a file of it, with neither torch's loader nor a pickle."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(torch.export, "load", never)
    monkeypatch.setattr(torch, "load", never)
    source = restore_classifier(models, "fold_1", None)
    for place in (folder, folder / "model.pt", folder / CARD):
        found = read_exported(place)
        with torch.no_grad():
            assert torch.equal(found.classifier(pictures(3)), source(pictures(3)))


@pytest.mark.parametrize("name", ["model.pt", "reference.safetensors", CARD])
def test_altered_files_are_refused(folder: Path, name: str) -> None:
    """One flipped bit anywhere is found before anything is read from it."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(StorageError, match=f"{name}: expected .* found altered content"):
        read_exported(folder)


def test_what_is_no_exported_model_is_an_error(folder: Path, tmp_path: Path) -> None:
    """Each message says what is expected there."""
    with pytest.raises(DataError, match="found nothing"):
        read_exported(tmp_path / "absent.pt")
    (tmp_path / "lone").mkdir()
    (tmp_path / "lone" / "model.pt").write_bytes((folder / "model.pt").read_bytes())
    with pytest.raises(DataError, match=r"found no model\.json there"):
        read_exported(tmp_path / "lone" / "model.pt")
    (folder / "reference.safetensors").unlink()
    with pytest.raises(StorageError, match=r"reference\.safetensors: .* found no file"):
        read_exported(folder)


def test_cards_of_other_versions_are_refused(folder: Path) -> None:
    """Another format, an unknown parameter and an unknown network are named."""
    rewrite_card(folder, network="resnet19")
    with pytest.raises(ConfigError, match="network: expected a known name, found 'resnet19'"):
        read_exported(folder)
    rewrite_card(folder, ingest={"sharpen": 3})
    with pytest.raises(DataError, match=r"ingest: .* found \('sharpen',\)"):
        read_exported(folder)
    rewrite_card(folder, format=99)
    with pytest.raises(DataError, match="expected a card of format 1, found format 99"):
        read_exported(folder)


def rewrite_program(
    folder: Path, change: Callable[[str, bytes], bytes], compression: int = zipfile.ZIP_STORED
) -> None:
    """Change members of the program as somebody would who can mend the checksums."""
    altered = io.BytesIO()
    with (
        zipfile.ZipFile(folder / "model.pt") as old,
        zipfile.ZipFile(altered, "w", compression) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    (folder / "model.pt").write_bytes(altered.getvalue())
    files = json.loads((folder / CARD).read_bytes())["files"]
    rewrite_card(folder, files={**files, "model.pt": sha256_bytes(altered.getvalue())})


def test_pickled_weights_are_refused(folder: Path) -> None:
    """An archive whose weights are pickles is not read, though its checksum is right."""

    def pickle(name: str, content: bytes) -> bytes:
        if not name.endswith("weights_config.json"):
            return content
        return content.replace(b'"use_pickle": false', b'"use_pickle": true')

    rewrite_program(folder, pickle)
    with pytest.raises(StorageError, match="a pickled tensor"):
        read_exported(folder)


@pytest.mark.parametrize("end", ["weights_config.json", "data/weights/weight_0"])
def test_weights_that_would_fill_the_memory_are_refused(folder: Path, end: str) -> None:
    """Zeros packed small, as the table of the weights or as one of them, are not unpacked."""

    def swell(name: str, content: bytes) -> bytes:
        return content + bytes(20_000_000) if name.endswith(end) else content

    rewrite_program(folder, swell, zipfile.ZIP_DEFLATED)
    with pytest.raises(StorageError, match=r"\(\d{8} bytes out of an archive of \d+\)"):
        read_exported(folder)


def test_a_tensor_has_the_bytes_of_its_shape(folder: Path) -> None:
    """A shape that is a lie takes no memory."""

    def lengthen(name: str, content: bytes) -> bytes:
        return content + bytes(4) if name.endswith("data/weights/weight_0") else content

    rewrite_program(folder, lengthen)
    with pytest.raises(StorageError, match=r"a tensor of \d+ bytes in place of \d+"):
        read_exported(folder)
