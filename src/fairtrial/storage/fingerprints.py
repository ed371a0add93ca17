"""Fingerprints of recipes: what a stored result was made from, and by which code.

The fingerprint of an output covers the fingerprints of the node's inputs, its resolved parameters,
its own arguments, and the source of every ``fairtrial`` module that its function reaches. It is
known before anything runs, so a changed parameter is never served by an old result.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from pydantic import BaseModel

from fairtrial.core.hashing import sha256_bytes, sha256_json
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.lineage import LineageDataset
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.seals import software

_PACKAGE = "fairtrial"
_ROOT = Path(__file__).parents[1]


@cache
def _source(module: str) -> Path | None:
    """File of a module; none if it is no module. Finding it must not import it, nor its parents."""
    first, *rest = module.split(".")
    if first != _PACKAGE:
        return _loaded_source(module)
    path = _ROOT.joinpath(*rest)
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def _loaded_source(module: str) -> Path | None:
    """File of another package's module, which its node's function has loaded already."""
    origin = getattr(sys.modules.get(module), "__file__", None)
    return Path(origin) if origin and origin.endswith(".py") else None


@cache
def _read(path: Path) -> tuple[str, frozenset[str]]:
    """SHA-256 of a source file, and the package's modules that it names."""
    content = path.read_bytes()
    return sha256_bytes(content), frozenset(_named(ast.parse(content)))


def _named(tree: ast.Module) -> set[str]:
    """Dotted names of the package's modules that a module imports or names in a registry."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Registries hold "module:attribute" references that are loaded when used.
            module, reference, _ = node.value.partition(":")
            names.update({module} if reference else ())
    return {name for name in names if name.split(".")[0] == _PACKAGE}


@cache
def _reached(module: str) -> frozenset[Path]:
    """Source files that ``module`` reaches through imports, its own included."""
    found: set[Path] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        path = _source(name)
        # ``from package import attribute``: the attribute is no module.
        if path is None or path in found:
            continue
        found.add(path)
        todo.extend(_read(path)[1])
    return frozenset(found)


@cache
def _templates(folder: Path) -> dict[str, str]:
    """Hashes of what a module of ``folder`` may render: templates lie beside it."""
    paths = sorted(path for path in folder.glob("templates/*") if path.is_file())
    return {str(path.relative_to(_ROOT)): sha256_bytes(path.read_bytes()) for path in paths}


@cache
def source_digest(module: str) -> str:
    """SHA-256 over the source of ``module``, of the modules that it reaches and their templates."""
    reached = _reached(module)
    files = {
        str(path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name): _read(path)[0]
        for path in reached
    }
    for folder in {path.parent for path in reached if path.is_relative_to(_ROOT)}:
        files.update(_templates(folder))
    return sha256_json(files)


@cache
def _surroundings(trains: bool) -> dict[str, Any]:
    """What else a result may depend on: installed plug-ins; for a training, torch and device.

    Other libraries are recorded in the seal and warned of, but make nothing stale.
    """
    plugins = {
        f"{entry.group}: {entry.name}": f"{entry.value} {entry.dist.version if entry.dist else ''}"
        for group in sorted(entry_points().groups)
        if group.startswith(f"{_PACKAGE}.")
        for entry in entry_points(group=group)
    }
    if not trains:
        return {"plugins": plugins}
    # Asking torch would import it; the driver's device file tells as much.
    cuda = Path("/dev/nvidiactl").exists()
    return {"plugins": plugins, "torch": software()["torch"], "cuda": cuda}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _unbound(func: Callable[..., Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    return (func.func, dict(func.keywords)) if isinstance(func, partial) else (func, {})


def _trains(node: Node) -> bool:
    """Whether a node trains: one of the stage train, or a search that keeps a model."""
    stage = (node.namespace or "").rpartition(".")[2]
    kept = any(name.rpartition(".")[2].startswith("model__") for name in node.outputs)
    return stage == "train" or (stage == "optimize" and kept)


def node_fingerprint(node: Node, inputs: dict[str, Any]) -> str:
    """Fingerprint of one node.

    Args:
        node: as registered.
        inputs: input name -> fingerprint of the dataset, or plain value of the parameter.
    """
    func, constants = _unbound(node.func)
    return sha256_json(
        {
            "function": f"{func.__module__}.{func.__qualname__}",
            "source": source_digest(func.__module__),
            "surroundings": _surroundings(_trains(node)),
            "constants": _plain(constants),
            "inputs": [inputs[name] for name in node.inputs],
        }
    )


def expected_fingerprints(pipeline: Pipeline, catalog: TrialCatalog) -> dict[str, str]:
    """dataset -> fingerprint that this run would give it, for every output of ``pipeline``.

    A free input counts with what is stored: raw items by their content, a dataset of an earlier
    run by the fingerprint in its seal.
    """
    known: dict[str, Any] = {}

    def of_input(name: str) -> Any:
        if name in known:
            return known[name]
        if name.startswith("params:") or name == "parameters":
            return _plain(catalog.load(name))
        dataset = catalog.get(name)
        if isinstance(dataset, LineageDataset):
            # It tells what is stored; what matters of it comes through the other inputs.
            known[name] = "lineage"
        elif isinstance(dataset, RawFolderDataset) and catalog.latest(name) is None:
            listing = dataset.load().files if dataset.exists() else None
            known[name] = sha256_json([] if listing is None else listing.values.tolist())
        else:
            known[name] = catalog.stored_fingerprint(name) or "absent"
        return known[name]

    for node in pipeline.nodes:
        made = node_fingerprint(node, {name: of_input(name) for name in node.inputs})
        for output in node.outputs:
            known[output] = sha256_json([made, output])
    outputs = pipeline.all_outputs()
    return {name: value for name, value in known.items() if name in outputs}


def stale_outputs(catalog: TrialCatalog, expected: dict[str, str]) -> set[str]:
    """Datasets that are stored, but were made by another recipe than the expected one."""
    stale = set()
    for name, fingerprint in expected.items():
        if catalog.latest(name) is not None and catalog.stored_fingerprint(name) != fingerprint:
            stale.add(name)
    return stale
