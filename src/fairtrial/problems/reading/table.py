"""The table of a blend: costs, compositions and limits, as a paper prints them.

::

    sieve_mm,GNS,GCS,...,lower,upper
    31.5,100,100,...,99.99,100
    ...
    cost,8.0,1.5,...,,
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.problems.reading.blends import Blend
from fairtrial.problems.reading.cells import cell_number, check_headings, read_cells

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BlendTable:
    """A checked table.

    Attributes:
        kind: heading of the first column, such as ``sieve_mm``.
        components: D names.
        properties: M labels.
        cost: (D,) for a whole of 1.
        composition: (M, D), the property of each component; a mix has the weighted mean.
        lower, upper: (M,) limits, infinite where open.
    """

    kind: str
    components: tuple[str, ...]
    properties: tuple[str, ...]
    cost: FloatArray
    composition: FloatArray
    lower: FloatArray
    upper: FloatArray


def read_table(content: bytes, name: str, blend: Blend) -> BlendTable:
    """Parse and check the CSV.

    Raises:
        DataError: naming the file and the line.
    """
    rows = read_cells(content, name)
    header = rows[0][1]
    components = _check_header(header, name, blend)
    parsed: dict[str, tuple[FloatArray, float, float]] = {}
    for number, row in rows[1:]:
        label, values, low, high = _row(row, header, number, name, blend)
        if label in parsed:
            raise DataError(f"{name}, line {number}", "labels once", repr(label), "Rename one.")
        parsed[label] = values, low, high
    if blend.cost not in parsed:
        raise DataError(
            name, f"a row labelled {blend.cost!r}", ", ".join(parsed), "Add the costs, or set cost."
        )
    cost = parsed.pop(blend.cost)[0]
    if not parsed:
        raise DataError(name, "a row of a property", "only costs", "Add the compositions.")
    return BlendTable(
        kind=header[0],
        components=components,
        properties=tuple(parsed),
        cost=cost,
        composition=np.array([values for values, _, _ in parsed.values()]),
        lower=np.array([low for _, low, _ in parsed.values()]),
        upper=np.array([high for _, _, high in parsed.values()]),
    )


def _check_header(header: list[str], name: str, blend: Blend) -> tuple[str, ...]:
    where = f"{name}, line 1"
    check_headings(header, where)
    for column in (blend.lower, blend.upper):
        if column not in header[1:]:
            raise DataError(
                where, f"a column {column!r} of limits", ", ".join(header), "Add or rename it."
            )
    components = tuple(cell for cell in header[1:] if cell not in (blend.lower, blend.upper))
    if len(components) < 2:
        raise DataError(where, "two components at least", str(len(components)), "Add columns.")
    return components


def _row(
    row: list[str], header: list[str], number: int, name: str, blend: Blend
) -> tuple[str, FloatArray, float, float]:
    where = f"{name}, line {number}"
    cells = dict(zip(header, row, strict=True))
    label = cells.pop(header[0])

    def number_of(column: str, empty: float | None) -> float:
        text = cells[column]
        if not text and empty is not None:
            return empty
        return cell_number(text, f"{where} ({column})")

    low, high = number_of(blend.lower, -math.inf), number_of(blend.upper, math.inf)
    values = [
        number_of(column, None) for column in cells if column not in (blend.lower, blend.upper)
    ]
    if label == blend.cost:
        if math.isfinite(low) or math.isfinite(high):
            raise DataError(where, "no limits on the cost", f"[{low}, {high}]", "Empty the cells.")
    elif low > high:
        raise DataError(where, "lower <= upper", f"{low} > {high}", "Exchange or mend the limits.")
    return label, np.array(values), low, high
