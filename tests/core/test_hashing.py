"""Hashes of plain data and tables."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.hashing import sha256_json, sha256_table

ROWS = st.lists(
    st.tuples(st.integers(0, 999), st.text("ab,\"'\n", max_size=3), st.floats(-9, 9)),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
)


@given(ROWS, st.randoms())
def test_the_order_of_rows_and_columns_is_no_matter(rows: list, random) -> None:
    """Only the content of a table enters its hash."""
    table = pd.DataFrame(rows, columns=["item_id", "label", "value"])
    mixed = table.sample(frac=1, random_state=random.randrange(9)).reset_index(drop=True)
    assert sha256_table(table, "item_id") == sha256_table(
        mixed[["value", "item_id", "label"]], "item_id"
    )


@given(ROWS)
def test_a_changed_cell_changes_the_hash(rows: list) -> None:
    """A table's hash tells it from the same table with another value."""
    table = pd.DataFrame(rows, columns=["item_id", "label", "value"])
    other = table.assign(value=table["value"].where(table.index > 0, table["value"] + 20))
    assert sha256_table(table, "item_id") != sha256_table(other, "item_id")


def test_nan_has_no_hash() -> None:
    """NaN is no JSON, so it is refused and never silently stored."""
    with pytest.raises(ValueError, match="JSON compliant"):
        sha256_json({"value": float("nan")})
