"""The configuration in use: of the context that Kedro made, or of the environment asked for.

The registry is read with and without a Kedro context, so the configuration comes either from the
context (`use_configuration`) or from a loader of our own for KEDRO_ENV.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from kedro.config import AbstractConfigLoader, OmegaConfigLoader
from omegaconf import OmegaConf

from fairtrial.core.errors import ConfigError

PROJECT = Path(__file__).parents[2]

CONFIG_LOADER_ARGS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    # Environments refine base key by key; lists and values are replaced.
    "merge_strategy": {"parameters": "soft", "studies": "soft"},
    "config_patterns": {"studies": ["studies.yml"]},
}

_configuration: AbstractConfigLoader | None = None


def use_configuration(loader: AbstractConfigLoader) -> None:
    """Read studies through this loader (its environment, its runtime parameters) from now on."""
    global _configuration
    _configuration = loader


def configuration() -> AbstractConfigLoader:
    """The loader in use; without a Kedro context one of our own for KEDRO_ENV."""
    return open_configuration() if _configuration is None else _configuration


class TrialConfigLoader(OmegaConfigLoader):
    """Kedro's loader; a file that is no YAML, or says a key twice, is one message with its line."""

    def __getitem__(self, key: str) -> dict[str, Any]:
        try:
            values: dict[str, Any] = super().__getitem__(key)
        except yaml.YAMLError as error:
            raise self._locate(error) from None
        return values

    def _locate(self, error: yaml.YAMLError) -> ConfigError:
        for env in (self.env or self.default_run_env, self.base_env):
            for path in sorted((Path(self.conf_source) / str(env)).rglob("*.yml")):
                try:
                    OmegaConf.load(path)
                except yaml.MarkedYAMLError as fault:
                    line = fault.problem_mark.line + 1 if fault.problem_mark else 1
                    seen = str(fault.problem).removeprefix("found ")
                    remedy = "Mend the line or its indent; each key stands once."
                    return ConfigError(f"{path.name}, line {line}", "YAML", seen, remedy)
        return ConfigError(self.conf_source, "YAML", str(error), "Mend the file.")


def open_configuration(
    env: str | None = None, conf_source: str | None = None
) -> AbstractConfigLoader:
    """A new loader for ``env`` (or KEDRO_ENV) over ``conf_source`` (or the project's conf/)."""
    return TrialConfigLoader(
        conf_source=conf_source or str(PROJECT / "conf"),
        env=env or os.getenv("KEDRO_ENV"),
        **CONFIG_LOADER_ARGS,
    )


def workspace(loader: AbstractConfigLoader | None = None) -> Path:
    """Folder of the environment's outputs (globals.yml: workspace)."""
    loader = configuration() if loader is None else loader
    folder = Path(loader["globals"]["workspace"])
    return folder if folder.is_absolute() else PROJECT / folder
