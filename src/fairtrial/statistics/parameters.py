"""Parameters of verdicts (every kind of study) and of tables of scores (``kind: scores``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Flag, Name, Parameters, Positive, Whole


class VerdictParameters(Parameters):
    """How a study's scores become its verdict; every kind's ``evaluate`` derives from it.

    Args:
        alpha: level of every test, in (0, 0.5); intervals cover 1 - alpha.
        smallest_difference: smallest difference of the primary metric that matters, in the
            metric's unit. Without it no verdict says "equal".
        research_use_only: marks the page of a study on medical data.
    """

    alpha: Annotated[float, Field(strict=True, gt=0, lt=0.5)] = 0.05
    smallest_difference: Positive | None = None
    research_use_only: Flag = False


class ScoresIngest(Parameters):
    """Which table of results to read and how. The metric is the study's primary metric.

    Nothing is set for a study that ranks other studies (``of`` in studies.yml).

    Args:
        table: path of the CSV file; says where data lies, so no part of a fingerprint.
        ratings: instead of a table, the folder of a rating round: its key, and CSV files of
            ratings. Raters are the blocks. Only ``synthetic`` goes with it.
        separator: one character between cells.
        header: whether the first row read holds column names.
        skip_rows: lines passed over at the top.
        layout: wide (one column an arm, one row a block) or long (one row a measurement).
        columns: wide: arm -> name or index (from 0) of its column; long: arm -> its label in
            ``arm_column``. An arm left out goes by its own name.
        block_column: column of the block's name; rows become run_000, run_001, ... without it
            (wide only).
        arm_column: long only.
        value_column: long only.
        higher_is_better: direction of the metric.
        synthetic: whether the results stem from synthetic samples, or ratings were simulated.
    """

    table: Annotated[str, Field(min_length=1)] | None = Field(default=None, exclude=True)
    ratings: Annotated[str, Field(min_length=1)] | None = Field(default=None, exclude=True)
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    header: Flag = True
    skip_rows: Whole = 0
    layout: Literal["wide", "long"] = "wide"
    columns: dict[Name, str | Whole] = Field(default_factory=dict)
    block_column: str | Whole | None = None
    arm_column: str | Whole | None = None
    value_column: str | Whole | None = None
    higher_is_better: Flag | None = None
    synthetic: Flag = False

    @model_validator(mode="after")
    def _consistent(self) -> ScoresIngest:
        beside = sorted(self.model_fields_set - {"ratings", "synthetic"})
        if self.ratings is not None and beside:
            raise ValueError(f"nothing but synthetic beside ratings, not {beside[0]}")
        if (self.table is None) != (self.higher_is_better is None):
            raise ValueError("higher_is_better exactly where table is set")
        long = self.layout == "long"
        for name in ("arm_column", "value_column"):
            if long == (getattr(self, name) is None):
                raise ValueError(f"{name} exactly where layout is long")
        if long and self.block_column is None:
            raise ValueError("block_column where layout is long")
        if len({str(column) for column in self.columns.values()}) != len(self.columns):
            raise ValueError("a column of its own for each arm")
        if not self.header:
            used = [self.block_column, self.arm_column, self.value_column]
            used += [] if long else list(self.columns.values())
            if any(isinstance(column, str) for column in used):
                raise ValueError("columns by index where header is false")
        return self


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": ScoresIngest,
    "evaluate": VerdictParameters,
}
