"""Named things that are loaded when used: networks, augmentations, extractors, optimisers.

An entry is a ``module:attribute`` reference. A user's own package adds entries through installed
entry points of the same group; YAML never names a class path.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from fairtrial.core.errors import ConfigError


class Registry:
    """Names of one group, each loaded on first use.

    Args:
        group: entry-point group, e.g. ``"fairtrial.networks"``.
        builtin: name -> ``"module:attribute"``.
    """

    def __init__(self, group: str, builtin: Mapping[str, str]) -> None:
        self.group = group
        self._builtin = dict(builtin)

    def _plugins(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=self.group)}

    def names(self) -> list[str]:
        """All known names, sorted."""
        return sorted({*self._builtin, *self._plugins()})

    def check(self, name: str, where: str) -> str:
        """Return ``name`` if it is known, else raise ConfigError listing what there is."""
        if name not in self._builtin and name not in self._plugins():
            raise ConfigError(
                where, "a known name", repr(name), f"Known: {', '.join(self.names())}."
            )
        return name

    def load(self, name: str) -> Any:
        """The object behind ``name``; imports its module.

        Raises:
            ConfigError: the name is not known.
        """
        self.check(name, self.group)
        if name in self._builtin:
            module, _, attribute = self._builtin[name].partition(":")
            return getattr(importlib.import_module(module), attribute)
        return self._plugins()[name].load()
