"""The study's own encoder of bars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring import encoder as module
from fairtrial.melodies.scoring.encoder import load_encoder, train_encoder
from fairtrial.melodies.scoring.extractors import Resources
from fairtrial.melodies.scoring.frechet import frechet_distance


@pytest.fixture(scope="module")
def trained(tunes: Roll) -> dict[str, np.ndarray]:
    """An encoder of a few updates on half of the tunes."""
    return train_encoder(tunes[::2], 3, checkpoint=None, label="test", updates=120)


def test_features_tell_noise_from_tunes(tunes: Roll, trained: dict[str, np.ndarray]) -> None:
    """Other tunes are nearer than tunes with flipped cells, and these than noise."""
    extract = load_encoder(Resources(encoder=trained))
    reference, other = (extract(as_generated(tunes[start::2])) for start in (0, 1))
    assert other.shape == (len(tunes) // 2, 32)
    flips = np.random.default_rng(0).random(tunes.shape)
    flipped, noise = (
        extract(((tunes > 0) ^ (flips < share)).astype(np.uint8)) for share in (0.005, 0.2)
    )
    distances = [frechet_distance(reference, side) for side in (other, flipped, noise)]
    assert 2 * distances[0] < distances[1] < distances[2]


def test_a_distance_of_1_is_the_variance_among_its_bars(
    tunes: Roll, trained: dict[str, np.ndarray]
) -> None:
    """Features are scaled by the bars that the encoder learnt from."""
    features = load_encoder(Resources(encoder=trained))(as_generated(tunes[::2]))
    assert features.var(axis=0, ddof=1).sum() == pytest.approx(1, rel=1e-4)


def test_a_stopped_training_goes_on_to_the_same_bits(
    tunes: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after a checkpoint, it ends as an unbroken one."""
    whole = train_encoder(tunes, 5, checkpoint=None, label="test", updates=12)
    monkeypatch.setattr(module, "_CHECKPOINT_EVERY", 5)
    file = tmp_path / "encoder.pt"
    step = module._EncoderTrainee.step

    def killed(self: module._EncoderTrainee, index: int) -> object:
        if index == 8:
            raise KeyboardInterrupt
        return step(self, index)

    with monkeypatch.context() as patch:
        patch.setattr(module._EncoderTrainee, "step", killed)
        with pytest.raises(KeyboardInterrupt):
            train_encoder(tunes, 5, checkpoint=file, label="test", updates=12)
    assert file.exists()
    resumed = train_encoder(tunes, 5, checkpoint=file, label="test", updates=12)
    assert all(np.array_equal(resumed[name], whole[name]) for name in whole)


def test_features_without_a_trained_encoder_are_refused() -> None:
    """Nothing stands in for it."""
    with pytest.raises(ConfigError, match="a trained encoder"):
        load_encoder(Resources())
