"""Audit an image study: what its pictures are, and what can be told without their subject."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.audit.probes import ALL_PROBES, PROBES
from fairtrial.images.parameters import Ingest
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files


def probe_shortcuts(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    seed: int,
    *,
    study: str,
    probes: list[str],
    blocks: list[str],
) -> "list[Arrays | dict[str, Any]]":
    """Predict every block with trivial models; test each against chance."""
    from fairtrial.images.audit.battery import run_battery
    from fairtrial.images.audit.findings import find_shortcuts

    outputs = run_battery(pack, manifest, splits, study, probes, blocks, seed)
    return [*outputs, find_shortcuts(outputs, manifest, study, seed)]


def draw_data(manifest: "pd.DataFrame", splits: "pd.DataFrame") -> "tuple[Files, Files, Files]":
    """Draw class balance, sizes and sources."""
    from fairtrial.images.exhibits.data import balance_exhibit, sizes_exhibit, sources_exhibit

    return balance_exhibit(manifest, splits), sizes_exhibit(manifest), sources_exhibit(manifest)


def draw_shortcuts(verdict: dict[str, Any], audit: dict[str, Any]) -> "Files":
    """Draw trivial models beside the arms."""
    from fairtrial.images.exhibits.shortcuts import shortcuts_exhibit

    return shortcuts_exhibit(verdict, audit)


def probes_of(groups: Mapping[str, Any]) -> Sequence[str]:
    """The probes of a study: those of the source only where it is declared."""
    ingest: Ingest = groups["ingest"]
    return list(ALL_PROBES if ingest.source else PROBES)


def probe_outputs(groups: Mapping[str, Any]) -> list[str]:
    """Names of the probes' outputs, in their order."""
    return [f"outputs__{name}__0" for name in probes_of(groups)]


def create_probe_node(study: Study, probes: Sequence[str]) -> Node:
    """Pack and splits to the outputs of these probes and ``audit``."""
    return make_node(
        probe_shortcuts,
        ["pack", "manifest", "splits", "params:seed"],
        [*(f"outputs__{name}__0" for name in probes), "audit"],
        stage="evaluate",
        name="probe_shortcuts",
        study=study.name,
        probes=list(probes),
        blocks=[block for blocks in study.chunks().values() for block in blocks],
    )


def create_audit_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Pack and splits to the probes' outputs, ``audit`` and the audit's figures."""
    return [
        create_probe_node(study, probes_of(groups)),
        make_node(
            draw_data,
            ["manifest", "splits"],
            ["figure__balance", "figure__sizes", "figure__sources"],
            stage="evaluate",
            name="draw_data",
        ),
        make_node(
            draw_shortcuts,
            ["verdict", "audit"],
            "figure__shortcuts",
            stage="evaluate",
            name="draw_shortcuts",
        ),
    ]
