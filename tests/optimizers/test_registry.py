"""Names of optimisers and their settings."""

from __future__ import annotations

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.registry import OPTIMIZERS, settings_model


def test_every_builtin_has_settings_with_defaults() -> None:
    """A registered name can be used without any setting."""
    for name in OPTIMIZERS.names():
        assert settings_model(name)() is not None
        assert callable(OPTIMIZERS.load(name))


def test_an_unknown_optimizer_is_told_what_there_is() -> None:
    """The message lists the known names."""
    with pytest.raises(
        ConfigError, match="differential_evolution, direct, dual_annealing, gsa, highs"
    ):
        settings_model("simulated_annealing")
