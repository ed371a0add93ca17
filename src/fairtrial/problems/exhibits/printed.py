"""A paper's table, with our recomputation beside each printed row."""

from __future__ import annotations

import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.problems.certificates.exact import evaluate_exactly
from fairtrial.problems.exhibits.sections import LITERATURE
from fairtrial.problems.printed import PrintedRows
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed, missed_rows

_MOST_NAMED = 15


def printed_table(problem: Problem, rows: PrintedRows) -> pd.DataFrame:
    """One row a printed row.

    Columns: row; the variables; printed and recomputed objective; difference, relative; follows,
    whether the printed value follows from the formula; feasible; misses, the limits that the point
    misses.
    """
    printed = problem.definition.printed
    agreement = printed.agreement if printed else 0.0
    out = []
    for label, point, stated in zip(rows.labels, rows.points, rows.objective, strict=True):
        value, constraint_values = evaluate_exactly(problem, point)
        value *= problem.sign
        difference = (stated - value) / (abs(value) or 1.0)
        missed = missed_rows(problem, point, constraint_values)
        out.append(
            {
                "row": label,
                **dict(zip(problem.names, map(float, point), strict=True)),
                "printed": float(stated),
                "recomputed": value,
                "difference": difference,
                "follows": abs(difference) <= agreement,
                "feasible": not missed,
                "misses": "; ".join(missed),
            }
        )
    return pd.DataFrame(out)


def printed_exhibit(problem: Problem, rows: PrintedRows | None) -> Files:
    """The table for reading, with a sentence on what does not follow and what is infeasible.

    Raises:
        ConfigError: the problem's file names no printed table.
    """
    printed = problem.definition.printed
    if rows is None or printed is None:
        raise ConfigError(
            "evaluate.exhibits: printed",
            "a problem file with `printed`",
            f"the problem {problem.definition.name}",
            "Take it out of the list.",
        )
    data = printed_table(problem, rows)
    unit = problem.objective_unit
    table = pd.DataFrame(
        {
            "row": data["row"],
            **{
                headed(name, own): [f"{value:g}" for value in data[name]]
                for name, own in zip(problem.names, problem.units, strict=True)
            },
            headed("printed", unit): [number_text(value, 8) for value in data["printed"]],
            headed("recomputed", unit): [number_text(value, 8) for value in data["recomputed"]],
            "difference": [_percent(d) for d in data["difference"]],
            "follows": ["yes" if kept else "no" for kept in data["follows"]],
            "limits": ["kept" if kept else "missed" for kept in data["feasible"]],
        }
    )
    wrong = [str(row) for row in data.loc[~data["follows"], "row"]]
    kept = [str(row) for row in data.loc[data["feasible"], "row"]]
    count = len(data)
    caption = f"{printed.source}. "
    caption += (
        f"{len(wrong)} of {count} rows do not follow from the formula within "
        f"{100 * printed.agreement:g} %: {_listed(wrong)}. "
        if wrong
        else f"All {count} rows follow from the formula. "
    )
    caption += (
        f"{count - len(kept)} of {count} miss a limit"
        + (f"; only {_listed(kept)} {'keeps' if len(kept) == 1 else 'keep'} all." if kept else ".")
        if len(kept) < count
        else "Every row keeps every limit."
    )
    return exhibit(
        "The printed table, evaluated again", caption, None, data, table, section=LITERATURE
    )


def _percent(difference: float) -> str:
    return "0" if abs(difference) < 5e-6 else f"{number_text(100 * difference, 3)} %"


def _listed(names: list[str]) -> str:
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
    return list_text(names)
