"""Whole groups dealt by share or by count, every class in about the same proportion."""

from __future__ import annotations

import logging
from fractions import Fraction

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Counts

LOG = logging.getLogger(__name__)

# scikit-learn takes seeds of 32 bits.
SEEDS = 2**32
# A share is made of so many equal parts at most: it is met to about a twentieth.
_PARTS = 20
# A share that groups miss by more is told.
_TOLD = 0.05


def deal_share(
    labels: np.ndarray, groups: np.ndarray, share: float, seed: int, where: str
) -> np.ndarray:
    """Positions of about ``share`` of the items in ascending order: whole groups of every class.

    A share that the groups allow no closer than 5 points is a warning in the log.

    Args:
        labels: class of each item, (N,).
        groups: its group, (N,).
        share: between 0 and 1.
        seed: of the dealing.
        where: what is dealt, for the warning.
    """
    fewest = min(len(set(groups[labels == label])) for label in set(labels))
    limit = max(2, min(_PARTS, fewest))
    wanted = Fraction(share).limit_denominator(limit)
    if not 0 < wanted < 1:
        wanted = Fraction(1 if wanted == 0 else limit - 1, limit)
    cut = StratifiedGroupKFold(wanted.denominator, shuffle=True, random_state=seed % SEEDS)
    parts = [part for _, part in cut.split(labels, labels, groups)][: wanted.numerator]
    dealt = np.sort(np.concatenate(parts))
    if abs(len(dealt) / len(labels) - share) > _TOLD:
        LOG.warning(
            "%s: the groups allow a share of %.0f %%, not of %.0f %% (%d items in %d groups)",
            where,
            100 * len(dealt) / len(labels),
            100 * share,
            len(labels),
            len(set(groups)),
        )
    return dealt


def deal_counts(
    labels: np.ndarray, groups: np.ndarray, counts: Counts, study: str, seed: int
) -> np.ndarray:
    """Role of each item: exactly ``counts`` of every class in each part, the rest ``unused``.

    A group of which a part needs only some items leaves the others unused, so that it stands on
    one side.

    Args:
        labels: class of each item, (N,).
        groups: its group, (N,).
        counts: items of each class in each part.
        study: name for messages.
        seed: of the dealing.

    Raises:
        DataError: a class has too few items, or its groups do not leave enough.
    """
    needed = counts.model_dump()
    role = np.full(len(labels), "unused", dtype=object)
    rng = np.random.default_rng(seed)
    names = np.unique(groups)
    members = {name: np.flatnonzero(groups == name) for name in rng.permutation(names)}
    open_groups = dict.fromkeys(members)
    # The smallest part first: it has the least room for whole groups.
    for part in sorted(needed, key=lambda name: (needed[name], name)):
        short = dict.fromkeys(sorted(set(labels)), needed[part])
        for whole in (True, False):
            for name in list(open_groups):
                wants = _wanted(labels[members[name]], short, whole)
                if wants is None:
                    continue
                del open_groups[name]
                for label, number in wants.items():
                    rows = members[name][labels[members[name]] == label][:number]
                    role[rows] = part
                    short[label] -= number
        for label, number in short.items():
            if number:
                raise DataError(
                    f"{study}: class {label}",
                    f"{sum(needed.values())} pictures ({_words(needed)}) in groups that never part",
                    f"{int((labels == label).sum())} in {_groups_of(labels, groups, label)} "
                    f"groups, {number} too few for {part}",
                    "Lower split.counts, add pictures, ignore the class, or use method: holdout.",
                )
    return role


def _wanted(labels: np.ndarray, short: dict[str, int], whole: bool) -> dict[str, int] | None:
    """Items by class that a part takes of a group; None where it takes none of it.

    ``whole`` groups are taken first, those that a part has room for to the last item.
    """
    names, sizes = np.unique(labels, return_counts=True)
    has = {str(name): int(size) for name, size in zip(names, sizes, strict=True)}
    if whole and any(size > short[name] for name, size in has.items()):
        return None
    takes = {name: min(size, short[name]) for name, size in has.items()}
    return takes if any(takes.values()) else None


def _groups_of(labels: np.ndarray, groups: np.ndarray, label: str) -> int:
    return len(set(groups[labels == label]))


def _words(needed: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in needed.items())
