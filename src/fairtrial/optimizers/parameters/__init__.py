"""Settings of the optimisers; light, because configuration is read with them."""

from fairtrial.optimizers.parameters.constraints import (
    ConstraintSettings,
    FixedConstraintSettings,
)
from fairtrial.optimizers.parameters.libraries import (
    CmaEsSettings,
    CobyqaSettings,
    DirectSettings,
    DualAnnealingSettings,
    HighsSettings,
    LocalSettings,
    Nsga2Settings,
    PymooGaSettings,
    PymooPsoSettings,
    ScipyDifferentialEvolutionSettings,
    SlsqpSettings,
    TpeSettings,
    TrustConstrSettings,
)
from fairtrial.optimizers.parameters.own import (
    DifferentialEvolutionSettings,
    GsaSettings,
    RandomSearchSettings,
    SagaSettings,
)

__all__ = [
    "CmaEsSettings",
    "CobyqaSettings",
    "ConstraintSettings",
    "DifferentialEvolutionSettings",
    "DirectSettings",
    "DualAnnealingSettings",
    "FixedConstraintSettings",
    "GsaSettings",
    "HighsSettings",
    "LocalSettings",
    "Nsga2Settings",
    "PymooGaSettings",
    "PymooPsoSettings",
    "RandomSearchSettings",
    "SagaSettings",
    "ScipyDifferentialEvolutionSettings",
    "SlsqpSettings",
    "TpeSettings",
    "TrustConstrSettings",
]
