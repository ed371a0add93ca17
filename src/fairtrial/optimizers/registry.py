"""Names of the optimisers and of their settings.

A plug-in (entry point of the group ``fairtrial.optimizers``) is a callable as
`fairtrial.optimizers.task.Optimizer` with an attribute ``settings``: its parameter model.
"""

from __future__ import annotations

from fairtrial.core.parameters import Parameters
from fairtrial.core.registry import Registry
from fairtrial.optimizers.parameters import (
    DifferentialEvolutionSettings,
    HighsSettings,
    RandomSearchSettings,
    SagaSettings,
    SlsqpSettings,
)

OPTIMIZERS = Registry(
    "fairtrial.optimizers",
    {
        "differential_evolution": "fairtrial.optimizers.differential_evolution:minimise",
        "highs": "fairtrial.optimizers.highs:minimise",
        "random_search": "fairtrial.optimizers.random_search:minimise",
        "saga": "fairtrial.optimizers.saga:minimise",
        "slsqp": "fairtrial.optimizers.slsqp:minimise",
    },
)

# Beside the registry, so that reading a configuration loads no algorithm.
_SETTINGS: dict[str, type[Parameters]] = {
    "differential_evolution": DifferentialEvolutionSettings,
    "highs": HighsSettings,
    "random_search": RandomSearchSettings,
    "saga": SagaSettings,
    "slsqp": SlsqpSettings,
}


def settings_model(name: str) -> type[Parameters]:
    """Parameter model of the optimiser ``name``.

    Raises:
        ConfigError: the name is not known.
    """
    if name in _SETTINGS:
        return _SETTINGS[name]
    model: type[Parameters] = OPTIMIZERS.load(name).settings
    return model
