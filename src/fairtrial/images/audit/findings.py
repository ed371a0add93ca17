"""What the trivial models found: which shortcut is open, how sure that is, and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.seeds import stream
from fairtrial.images.audit.probes import ALL_PROBES
from fairtrial.images.scoring.pooled import groups_of, pool
from fairtrial.statistics.permutation import above_chance

# A clean study should be warned of rarely: one in a hundred, over all of its probes together.
LEVEL = 0.01
# Share of the way from chance to certainty. With many pictures a tiny excess is sure as well, and
# would not explain what networks reach.
SKILL = 0.2

Plain = dict[str, Any]


def find_shortcuts(
    outputs: Sequence[Arrays], manifest: pd.DataFrame, study: str, seed: int
) -> Plain:
    """Test each probe against chance, and say which shortcuts are open.

    A probe's test predictions over all folds, each picture once, are compared with labels permuted
    between groups within a fold (`above_chance`), at `LEVEL` divided by the number of probes
    (Bonferroni). A shortcut is open where the probe is above chance by this test and by `SKILL`.

    Args:
        outputs: of the battery.
        manifest: the groups.
        study: name of the study.
        seed: the root seed.

    Returns:
        Plain JSON data: ``warnings``, sentences for the verdict; ``sees``, probe -> what it sees;
        ``level`` and ``skill``, the rule; ``checks``, a row a probe with probe, target, value
        (balanced accuracy of its test predictions), chance, p, level, skill, open and reading;
        none where no probe could be tried.
    """
    tried = [output for output in outputs if output.description["blocks"]]
    pools = pool(tried)
    level = LEVEL / max(1, len(pools))
    checks = []
    for name, tested in pools.items():
        found = above_chance(
            tested.y,
            tested.predicted,
            np.array(groups_of(manifest, tested.ids)),
            tested.blocks,
            stream(seed, study, name, "above_chance"),
        )
        skill = (found.value - found.chance) / (1 - found.chance)
        checks.append(
            {
                "probe": name,
                "target": ALL_PROBES[name].target,
                "value": found.value,
                "chance": found.chance,
                "p": found.p,
                "level": level,
                "skill": skill,
                "open": found.p < level and skill >= SKILL,
            }
        )
    for check in checks:
        check["reading"] = _reading(check)
    return {
        "warnings": [*_open_shortcuts(checks), *_told_source(checks)],
        "sees": {name: ALL_PROBES[name].sees for name in pools},
        "level": LEVEL,
        "skill": SKILL,
        "checks": checks,
    }


def _reading(check: Mapping[str, Any]) -> str:
    if check["p"] >= check["level"]:
        return "Not shown to be above chance."
    if not check["open"]:
        return "Above chance, but by too little to explain a good score."
    probe = ALL_PROBES[check["probe"]]
    return probe.conclusion or "Far above chance: a score is good only where it is far above this."


def _numbers(check: Mapping[str, Any]) -> str:
    return (
        f"balanced accuracy {check['value']:.2f} where chance is {check['chance']:.2f}, "
        f"p = {check['p']:.4f} in a permutation test over groups"
    )


def _open_shortcuts(checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each view without its subject, or without labels, that suffices."""
    return [
        f"A model that sees {ALL_PROBES[check['probe']].sees} predicts the class "
        f"({check['probe']}: {_numbers(check)}). {ALL_PROBES[check['probe']].conclusion}"
        for check in checks
        if check["open"] and ALL_PROBES[check["probe"]].conclusion
    ]


def _told_source(checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence where the source can be told from the pixels, and the class from the source."""
    found = {check["probe"]: check for check in checks if check["open"]}
    if not {"source_alone", "source_from_pixels"} <= set(found):
        return []
    return [
        "A small model tells the pictures' sources apart by their pixels "
        f"({_numbers(found['source_from_pixels'])}), and the source alone gives the class with a "
        f"balanced accuracy of {found['source_alone']['value']:.2f}: a network that recognises "
        "the source scores well without having learned anything of the classes."
    ]
