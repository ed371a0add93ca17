"""The structure of a study: which arms are compared over which blocks, in which chunks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Flag, Name, Parameters, Whole

Kind = Literal["images", "melodies", "problems", "scores"]
Stage = Literal["ingest", "augment", "train", "evaluate", "optimize"]

# The form of a study whose arms are tuners.
_TUNERS: dict[str, str] = {"images": "tuners", "melodies": "song_tuners"}


class Blocks(Parameters):
    """How many blocks a study has: folds x seeds, or runs.

    ``fold_0, fold_1, ..., fold_0_seed_1, ...`` or ``run_000, run_001, ...``: more seeds or runs
    append names and never change one.
    """

    folds: Count | None = None
    seeds: Count = 1
    runs: Count | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Blocks:
        if (self.folds is None) == (self.runs is None):
            raise ValueError("exactly one of folds and runs")
        if self.runs is not None and self.seeds != 1:
            raise ValueError("seeds only beside folds")
        return self

    def names(self) -> list[str]:
        """Names of the blocks in their lasting order."""
        if self.runs is not None:
            return [f"run_{index:03d}" for index in range(self.runs)]
        folds = range(self.folds or 0)
        first = [f"fold_{fold}" for fold in folds]
        return first + [f"fold_{f}_seed_{s}" for s in range(1, self.seeds) for f in folds]


def protocol_of(block: str) -> str:
    """Protocol of a block by its name: ``naive_fold_0``, ``source_2``, else standard."""
    head = block.partition("_")[0]
    return {"naive": "naive", "source": "by_source"}.get(head, "standard")


def fold_and_seed(block: str) -> tuple[int, int]:
    """Fold and seed index of a block's name: ``fold_2_seed_1`` -> (2, 1); a run counts as seed.

    ``naive_fold_2`` has the indices of ``fold_2``, ``source_2`` the fold 2.
    """
    parts = block.removeprefix("naive_").split("_")
    if parts[0] == "run":
        return 0, int(parts[1])
    return int(parts[1]), int(parts[3]) if len(parts) > 2 else 0


def split_name(block: str) -> str:
    """``block`` of the splits table for a block of the study.

    Seeds share the split of their fold and runs share one, so more of them make nothing stale.
    """
    if protocol_of(block) != "standard":
        return block
    parts = block.split("_")
    return "all" if parts[0] == "run" else f"fold_{parts[1]}"


class Study(Parameters):
    """One entry of studies.yml.

    Args:
        name: its key, the namespace of its nodes and datasets.
        kind: what is compared: networks on images, GANs on melodies, optimisers on problems, or
            the scores that anyone measured.
        arms: names of the compared recipes; their settings stand in parameters_<study>.yml.
        blocks: what the arms are compared over; read from the table for ``kind: scores``.
        chunk: blocks computed by one node (images 1, melodies 5); all of them when left out.
        design: blocked (arms share the block's folds, weights, noise) or independent runs.
        primary_metric: the metric that the verdict is about.
        samples: name of the embedded sample set that is drawn for it; none for a user's data.
        enabled: false takes the study out of this environment.
        of: names of studies whose scores are ranked together (``kind: scores`` only).
        arms_are: recipes that are trained; or tuners, optimisers that each look for the best
            recipe of the same search (``kind: images``) or for the same song (``melodies``).
    """

    name: Name
    kind: Kind
    arms: Annotated[tuple[Name, ...], Field(min_length=2)]
    blocks: Blocks | None = None
    chunk: Count | None = None
    design: Literal["blocked", "independent"]
    primary_metric: str
    samples: Name | None = None
    enabled: Flag = True
    of: tuple[Name, ...] = ()
    arms_are: Literal["recipes", "tuners"] = "recipes"

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        if len(set(self.arms)) != len(self.arms):
            raise ValueError("arms without repetition")
        if (self.blocks is None) != (self.kind == "scores"):
            raise ValueError("blocks for every kind but scores, which reads them from its table")
        if self.of and self.kind != "scores":
            raise ValueError("of only with kind: scores")
        if self.samples and self.kind == "scores":
            raise ValueError("no samples with kind: scores")
        if self.arms_are == "tuners" and self.kind not in _TUNERS:
            raise ValueError("arms_are: tuners only with kind: images or melodies")
        if "references" in self.arms:
            raise ValueError("arms of another name than references, which is kept for solvers")
        return self

    @property
    def form(self) -> str:
        """What decides stages, groups of parameters and nodes: the kind, or the kind's tuners."""
        return _TUNERS[self.kind] if self.arms_are == "tuners" else self.kind

    def chunks(self) -> dict[str, tuple[str, ...]]:
        """Chunk name ("0", "1", ...) -> its blocks: chunk k holds blocks [k size, (k+1) size)."""
        names = self.blocks.names() if self.blocks else []
        size: Whole = self.chunk or max(len(names), 1)
        starts = range(0, len(names), size)
        return {str(start // size): tuple(names[start : start + size]) for start in starts}
