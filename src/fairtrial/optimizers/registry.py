"""Names of the optimisers and of their settings.

A plug-in (entry point of the group ``fairtrial.optimizers``) is a callable as
`fairtrial.optimizers.task.Optimizer` with an attribute ``settings``: its parameter model.
"""

from __future__ import annotations

from fairtrial.core.parameters import Parameters
from fairtrial.core.registry import Registry
from fairtrial.optimizers.parameters import (
    CmaEsSettings,
    CobyqaSettings,
    DifferentialEvolutionSettings,
    DirectSettings,
    DualAnnealingSettings,
    GsaSettings,
    HighsSettings,
    Nsga2Settings,
    PymooGaSettings,
    PymooPsoSettings,
    RandomSearchSettings,
    SagaSettings,
    ScipyDifferentialEvolutionSettings,
    SlsqpSettings,
    TpeSettings,
    TrustConstrSettings,
)

_BUILTIN: dict[str, tuple[str, type[Parameters]]] = {
    "cma_es": ("libraries.cma_es:minimise", CmaEsSettings),
    "cobyqa": ("libraries.scipy_local:cobyqa", CobyqaSettings),
    "differential_evolution": (
        "own.differential_evolution:minimise",
        DifferentialEvolutionSettings,
    ),
    "direct": ("libraries.scipy_global:divide_rectangles", DirectSettings),
    "dual_annealing": ("libraries.scipy_global:anneal", DualAnnealingSettings),
    "gsa": ("own.gsa:minimise", GsaSettings),
    "highs": ("libraries.highs:minimise", HighsSettings),
    "nsga2": ("libraries.pymoo_search:front", Nsga2Settings),
    "pymoo_ga": ("libraries.pymoo_search:genetic", PymooGaSettings),
    "pymoo_pso": ("libraries.pymoo_search:swarm", PymooPsoSettings),
    "random_search": ("own.random_search:minimise", RandomSearchSettings),
    "saga": ("own.saga:minimise", SagaSettings),
    "scipy_differential_evolution": (
        "libraries.scipy_global:evolve",
        ScipyDifferentialEvolutionSettings,
    ),
    "slsqp": ("libraries.scipy_local:slsqp", SlsqpSettings),
    "tpe": ("libraries.tpe:minimise", TpeSettings),
    "trust_constr": ("libraries.scipy_local:trust_constr", TrustConstrSettings),
}

OPTIMIZERS = Registry(
    "fairtrial.optimizers",
    {name: f"fairtrial.optimizers.{place}" for name, (place, _) in _BUILTIN.items()},
)

# They ask a task for more than values: a linear program, constraints one by one, two objectives.
SOLVERS = frozenset({"cobyqa", "highs", "nsga2", "slsqp", "trust_constr"})

# Their seeds make no difference: one run is all there is.
DETERMINISTIC = frozenset({"direct", "highs"})


def settings_model(name: str) -> type[Parameters]:
    """Parameter model of the optimiser ``name``.

    Raises:
        ConfigError: the name is not known.
    """
    if name in _BUILTIN:
        return _BUILTIN[name][1]
    model: type[Parameters] = OPTIMIZERS.load(name).settings
    return model
