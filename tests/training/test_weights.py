"""Weights: found, fetched, checked and loaded; missing or wrong files are errors."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.training.weights import (
    Wanted,
    find_weights,
    load_weights,
    locate_weights,
    recipe_digits,
)

CONTENT = b"published"
DIGITS = hashlib.sha256(CONTENT).hexdigest()[:8]
URL = f"https://example.org/models/net1_0-{DIGITS}.pth"


def wanted(weights_dir: Path | str | None = None, file: str | None = None) -> Wanted:
    folder = None if weights_dir is None else str(weights_dir)
    return Wanted("fish.arms.one", "net1_0", URL, folder, "train.weights_dir", file)


def test_weights_are_found_by_their_networks_name(tmp_path: Path) -> None:
    """One file named after the network serves; none, several or another's do not."""
    with pytest.raises(ConfigError, match=r"one file of weights named net1_0\*.pth .* none"):
        find_weights(wanted(tmp_path))
    (tmp_path / "net1_01.pth").touch()
    (tmp_path / "net1_0_notes.txt").touch()
    with pytest.raises(ConfigError, match="found none. .* There: net1_01.pth"):
        find_weights(wanted(tmp_path))
    file = tmp_path / "net1_0_imagenet.pth"
    file.touch()
    assert find_weights(wanted(tmp_path)) == file
    (tmp_path / "net1_0-other.pth").touch()
    with pytest.raises(ConfigError, match="found net1_0-other.pth, net1_0_imagenet"):
        find_weights(wanted(tmp_path))
    assert find_weights(wanted(tmp_path, file.name)) == file
    with pytest.raises(ConfigError, match="the name of a file in"):
        find_weights(wanted(tmp_path, "../x.pth"))


@pytest.mark.parametrize("variable", ["TORCH_HOME", "XDG_CACHE_HOME", "HOME"])
def test_published_weights_lie_where_torch_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The cache is found as torch.hub finds it, whichever variable says so."""
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    assert folder.is_relative_to(tmp_path)
    assert locate_weights(wanted()) == folder / f"net1_0-{DIGITS}.pth"


def test_published_weights_are_fetched_once_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the internet there is no fallback; a damaged download is refused, not used."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    asked: list[Any] = []

    def refuse(*arguments: Any, **settings: Any) -> None:
        asked.append(settings["hash_prefix"])
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    with pytest.raises(ConfigError, match="expected its weights at .* Get https://example.org"):
        find_weights(wanted(), fetch=False)
    assert asked == []
    with pytest.raises(ConfigError, match=r"no route to host.*set train.weights_dir"):
        find_weights(wanted())
    assert asked == [DIGITS]
    cached = locate_weights(wanted())
    cached.write_bytes(CONTENT[:-1])
    with pytest.raises(StorageError, match=f"begins with {DIGITS}"):
        find_weights(wanted())
    cached.write_bytes(CONTENT)
    assert find_weights(wanted()) == cached
    with pytest.raises(ConfigError, match="train.weights_dir beside it"):
        find_weights(wanted(file="net.pth"))


def test_a_recipe_names_the_content_of_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A swapped file is another recipe; fetching published weights changes none."""
    assert recipe_digits(wanted(tmp_path)) is None
    file = tmp_path / "net1_0.pth"
    for content in (b"one", b"two"):
        file.write_bytes(content)
        os.utime(file, ns=(len(content), hash(content) % 2**40))
        assert recipe_digits(wanted(tmp_path)) == hashlib.sha256(content).hexdigest()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert recipe_digits(wanted()) == DIGITS
    cached = locate_weights(wanted())
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    assert recipe_digits(wanted()) == DIGITS


def test_a_folder_of_weights_starts_at_the_project_or_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths do not depend on where a command was given; ~ is the user's home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "net1_0.pth").touch()
    assert locate_weights(wanted("~/w")) == tmp_path / "w" / "net1_0.pth"
    with pytest.raises(ConfigError, match=str(Path(__file__).parents[2] / "w")):
        locate_weights(wanted("w"))


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    """Other names, damage, code and NaN are errors; nothing is loaded in part."""
    good = nn.Linear(3, 2).state_dict()
    file = tmp_path / "net1_0.pth"
    torch.save(good, file)
    loaded = nn.Linear(3, 2)
    load_weights(loaded, file)
    assert torch.equal(loaded.weight, good["weight"])
    torch.save({**good, "more": torch.zeros(1)}, file)
    with pytest.raises(DataError, match="the names and shapes of Linear"):
        load_weights(nn.Linear(3, 2), file)
    torch.save({**good, "bias": torch.full((2,), torch.nan)}, file)
    with pytest.raises(DataError, match="finite weights"):
        load_weights(nn.Linear(3, 2), file)
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(StorageError, match="a state dict of tensors"):
        load_weights(nn.Linear(3, 2), file)
    torch.save(Evil(tmp_path / "owned"), file)
    with pytest.raises(StorageError, match="a state dict of tensors"):
        load_weights(nn.Linear(3, 2), file)
    assert not (tmp_path / "owned").exists()


class Evil:
    """A pickle that writes a file when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)
