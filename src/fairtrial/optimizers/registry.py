"""Names of the optimisers and of their settings.

A plug-in (entry point of the group ``fairtrial.optimizers``) is a callable as
`fairtrial.optimizers.task.Optimizer` with an attribute ``settings``: its parameter model.
"""

from __future__ import annotations

from fairtrial.core.parameters import Parameters
from fairtrial.core.registry import Registry
from fairtrial.optimizers.parameters import (
    CmaEsSettings,
    DifferentialEvolutionSettings,
    GsaSettings,
    HighsSettings,
    RandomSearchSettings,
    SagaSettings,
    SlsqpSettings,
    TpeSettings,
)

OPTIMIZERS = Registry(
    "fairtrial.optimizers",
    {
        "cma_es": "fairtrial.optimizers.libraries.cma_es:minimise",
        "differential_evolution": "fairtrial.optimizers.own.differential_evolution:minimise",
        "gsa": "fairtrial.optimizers.own.gsa:minimise",
        "highs": "fairtrial.optimizers.libraries.highs:minimise",
        "random_search": "fairtrial.optimizers.own.random_search:minimise",
        "saga": "fairtrial.optimizers.own.saga:minimise",
        "slsqp": "fairtrial.optimizers.libraries.slsqp:minimise",
        "tpe": "fairtrial.optimizers.libraries.tpe:minimise",
    },
)

# Beside the registry, so that reading a configuration loads no algorithm.
_SETTINGS: dict[str, type[Parameters]] = {
    "cma_es": CmaEsSettings,
    "differential_evolution": DifferentialEvolutionSettings,
    "gsa": GsaSettings,
    "highs": HighsSettings,
    "random_search": RandomSearchSettings,
    "saga": SagaSettings,
    "slsqp": SlsqpSettings,
    "tpe": TpeSettings,
}

# They ask a task for more than values: a linear program, constraints one by one.
SOLVERS = frozenset({"highs", "slsqp"})


def settings_model(name: str) -> type[Parameters]:
    """Parameter model of the optimiser ``name``.

    Raises:
        ConfigError: the name is not known.
    """
    if name in _SETTINGS:
        return _SETTINGS[name]
    model: type[Parameters] = OPTIMIZERS.load(name).settings
    return model
