"""Mixes from sources: fixed charges, at most n sources, minimum doses, shares.

Methods that see points alone find doses and numbers of sources kept by the repair; an exact one
gets the same as a mixed-integer program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.functions import LinearFunctions
from fairtrial.problems.reading.blends import Blend, Source
from fairtrial.problems.reading.document import Document
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_USED = 1e-9  # a smaller share is what a solver's rounding leaves


@dataclass(frozen=True)
class Sources:
    """The S sources of a mix of D components, and their terms.

    Attributes:
        names: of the sources.
        members: (S, D) which components come from which.
        fixed_cost, minimum_dose, minimum_share, maximum_share: (S,).
        most: how many may be used; none where all may.
    """

    names: tuple[str, ...]
    members: BoolArray
    fixed_cost: FloatArray
    minimum_dose: FloatArray
    minimum_share: FloatArray
    maximum_share: FloatArray
    most: int | None

    @property
    def whole(self) -> bool:
        """Whether it matters which sources are used at all."""
        return bool(self.most is not None or self.fixed_cost.any() or self.minimum_dose.any())

    def shares(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, S), added in a fixed order."""
        result = np.zeros((len(points), len(self.names)))
        for index, column in enumerate(points.T):
            result[:, self.members[:, index]] += column[:, None]
        return result

    def keep_terms(self, points: FloatArray) -> FloatArray:
        """(N, D) -> mixes that keep doses and number of sources.

        Sources below their dose are left out, then the smallest of too many; the rest is brought
        to the sum of 1, by which shares only grow. If all are left out, the largest stays.
        """
        mixed = to_unit_sum(points)
        shares = self.shares(mixed)
        kept = (shares > 0) & (shares >= self.minimum_dose)
        order = np.argsort(np.where(kept, -shares, 0.0), axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
        kept &= rank < (len(self.names) if self.most is None else self.most)
        none = ~kept.any(axis=1)
        kept[none, shares[none].argmax(axis=1)] = True
        owner = self.members.argmax(axis=0)
        return to_unit_sum(np.where(kept[:, owner], mixed, 0.0))


def to_unit_sum(points: FloatArray) -> FloatArray:
    """(N, D) of shares >= 0 divided by their sum; equal shares where all are 0."""
    total = np.zeros(len(points))
    for column in points.T:
        total += column
    empty = total <= 0
    mixed: FloatArray = np.where(
        empty[:, None], 1.0 / points.shape[1], points / np.where(empty, 1.0, total)[:, None]
    )
    return mixed


def sources_of(blend: Blend, components: Sequence[str], document: Document) -> Sources:
    """The sources that a file states, then every other component as its own.

    Raises:
        DataError: a component is unknown or stands in two sources, or terms exclude each other.
    """
    owner: dict[str, str] = {}
    for name, source in blend.sources.items():
        path = ("blend", "sources", name, "components")
        for component in source.components:
            if component not in components:
                raise document.error(
                    path, "components of the table", repr(component), f"There: {list(components)}."
                )
            if component in owner:
                seen = f"{component!r} in {owner[component]} too"
                raise document.error(path, "each component once", seen, "Remove it from one.")
            owner[component] = name
    each = dict(blend.sources)
    for component in components:
        if component not in owner:
            each[component] = Source(components=(component,))

    def terms(key: str) -> FloatArray:
        own = [getattr(source, key) for source in each.values()]
        return np.array([getattr(blend, key) if value is None else value for value in own], float)

    found = Sources(
        names=tuple(each),
        members=np.array([[c in s.components for c in components] for s in each.values()]),
        fixed_cost=terms("fixed_cost"),
        minimum_dose=terms("minimum_dose"),
        minimum_share=terms("minimum_share"),
        maximum_share=terms("maximum_share"),
        most=blend.most_sources,
    )
    least = np.maximum(found.minimum_share, found.minimum_dose)
    wrong = np.flatnonzero(least > found.maximum_share)
    if wrong.size:
        name, index = found.names[wrong[0]], wrong[0]
        place = ("sources", name) if name in blend.sources else ("maximum_share",)
        seen = f"{least[index]:g} > {found.maximum_share[index]:g} for {name}"
        raise document.error(
            ("blend", *place), "minimum <= maximum", seen, "Exchange or mend them."
        )
    return found


def source_rows(sources: Sources) -> tuple[list[Row], FloatArray]:
    """Rows of the shares that are limited, and their coefficients (rows, D)."""
    limited = np.flatnonzero((sources.minimum_share > 0) | (sources.maximum_share < 1))
    rows = [
        Row(
            f"share of {sources.names[index]}",
            "",
            float(sources.minimum_share[index]) if sources.minimum_share[index] > 0 else -np.inf,
            float(sources.maximum_share[index]) if sources.maximum_share[index] < 1 else np.inf,
        )
        for index in limited
    ]
    return rows, sources.members[limited].astype(np.float64)


def whole_rows(sources: Sources) -> list[Row]:
    """Rows of what depends on which sources are used; `SourcedFunctions` has their values."""
    rows = []
    if sources.most is not None:
        rows.append(Row("sources used", "", -np.inf, float(sources.most)))
    if sources.minimum_dose.any():
        rows.append(Row("shares below their minimum dose", "", -np.inf, 0.0))
    return rows


class SourcedFunctions:
    """A linear objective and rows, with fixed costs and the rows of `whole_rows`.

    Attributes:
        whole: how many rows, the last ones, are those of `whole_rows`.
    """

    def __init__(self, linear: LinearFunctions, sources: Sources) -> None:
        self._linear, self._sources = linear, sources
        self.whole = len(whole_rows(sources))

    def values(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (1 + M, N)."""
        values = self._linear.values(points)
        shares = self._sources.shares(points)
        used = shares > _USED
        for index, cost in enumerate(self._sources.fixed_cost):
            values[0] += np.where(used[:, index], cost, 0.0)
        more = []
        if self._sources.most is not None:
            more.append(used.sum(axis=1).astype(np.float64))
        if self._sources.minimum_dose.any():
            short = np.where(used, np.maximum(self._sources.minimum_dose - shares, 0.0), 0.0)
            more.append(short.max(axis=1))
        return np.vstack([values, *more])

    def slopes(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 1 + M, D), with the same sources in use."""
        slopes = self._linear.slopes(points)
        return np.pad(slopes, ((0, 0), (0, self.whole), (0, 0)))

    def linear(self) -> None:
        """Fixed costs jump."""
        return

    def program(self, rows: Sequence[Row]) -> LinearProgram:
        """Source s is used exactly if helper y_s is 1: dose_s y_s <= its share <= maximum_s y_s.

        ``rows``: of the problem; those of `whole_rows` come last and are stated by the helpers.
        """
        plain = self._linear.program(rows[: len(rows) - self.whole])
        sources, count = self._sources, len(self._sources.names)
        members = sources.members.astype(np.float64)
        blocks = [
            np.pad(plain.rows, ((0, 0), (0, count))),
            np.hstack([members, -np.diag(sources.maximum_share)]),
            np.hstack([members, -np.diag(sources.minimum_dose)]),
            np.hstack([np.zeros((1, members.shape[1])), np.ones((1, count))]),
        ]
        most = float(count if sources.most is None else sources.most)
        none, zero = np.full(count, np.inf), np.zeros(count)
        return LinearProgram(
            cost=np.concatenate([plain.cost, sources.fixed_cost]),
            constant=plain.constant,
            rows=np.vstack(blocks),
            row_lower=np.concatenate([plain.row_lower, -none, zero, [-np.inf]]),
            row_upper=np.concatenate([plain.row_upper, zero, none, [most]]),
            integer=np.arange(members.shape[1] + count) >= members.shape[1],
            helper_lower=zero,
            helper_upper=np.ones(count),
        )
