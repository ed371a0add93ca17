"""What a problem consists of, as a manifest, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.core.text import count_text
from fairtrial.problems.blending import SourcedFunctions
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import limits_text, row_name

if TYPE_CHECKING:
    from fairtrial.core.records import RawFolder


def read_from(raw: RawFolder, definition: str) -> Callable[[str], bytes]:
    """A reader of the files beside the definition that says what is missing.

    Raises (when called):
        DataError: the folder has no such file.
    """
    listed = set(raw.files["path"])

    def read(name: str) -> bytes:
        if name not in listed:
            raise DataError(
                f"{raw.root}/{name}",
                "the problem's file"
                if name == definition
                else f"the table that {definition} names",
                "no such file",
                f"There: {', '.join(sorted(listed)) or 'nothing'}; a table goes by the name of its "
                f"problem, {PurePosixPath(definition).stem}.csv.",
            )
        return raw.read(name)

    return read


def list_problem(problem: Problem, pack: Arrays) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Manifest, one row a file, variable, objective or constraint, and the ingest report."""
    files: dict[str, str] = dict(pack.description["files"])
    # The table, where there is one, is what variables and constraints stand in.
    path = list(files)[-1]
    rows = [("file", name, "", "") for name in files]
    rows.append(("objective", "objective", problem.objective_unit, ""))
    for index, (name, unit) in enumerate(zip(problem.names, problem.units, strict=True)):
        span = f"{problem.lower[index]:g} to {problem.upper[index]:g}"
        levels = problem.levels
        rows.append(("variable", name, unit, levels.text(index, span) if levels else span))
    rows += [("constraint", row_name(problem, r), r.unit, limits_text(r)) for r in problem.rows]
    paths = [name if label == "file" else path for label, name, _, _ in rows]
    manifest = pd.DataFrame(
        {
            "item_id": [f"{label}:{name}" for label, name, _, _ in rows],
            "path": paths,
            "sha256": [files[place] for place in paths],
            "label": [label for label, _, _, _ in rows],
            "unit": [unit for _, _, unit, _ in rows],
            "limits": [limits for _, _, _, limits in rows],
            "group": "",
            "source": problem.definition.name,
            "excluded": "",
        }
    )
    count = len(rows)
    report = {
        "counts": {"listed": count, "used": count, "excluded": 0},
        "reasons": {},
        "synthetic": False,
        "notes": _notes(problem),
        "warnings": [],
    }
    return manifest, report


def _notes(problem: Problem) -> list[str]:
    """What a reader must know of the problem, one sentence each."""
    definition = problem.definition
    way = "maximise" if problem.sign < 0 else "minimise"
    notes = [
        f"{definition.title}. {definition.source}",
        f"The task is to {way} the objective over {count_text(len(problem.names), 'variable')} "
        f"under {count_text(len(problem.rows), 'constraint')}; the problem is {_form(problem)}.",
        f"A limit counts as kept when it is missed by at most {definition.tolerance:g} (relative "
        "for limits above 1).",
    ]
    if definition.equality_tolerance is not None:
        notes.append(f"An equality may be missed by {definition.equality_tolerance:g}.")
    if definition.second_objective is not None:
        notes.append(f"A second objective is to {definition.second_objective.way}, for a front.")
    if problem.levels is not None:
        notes.append("Whole numbers and choices are rounded before every evaluation.")
    if definition.blend is not None:
        notes.append("Every mix is divided by its sum before it is evaluated.")
        if isinstance(problem.functions, SourcedFunctions):
            notes.append(
                "Sources below their minimum dose, then the smallest of too many, are left out of "
                "a mix before that."
            )
    elif definition.repair:
        notes.append(f"Set from the other variables before every evaluation: {_repairs(problem)}.")
    if definition.optimum is not None:
        notes.append(
            f"The best known value is {definition.optimum.objective:.10g} "
            f"({definition.optimum.source})."
        )
    return notes


def _form(problem: Problem) -> str:
    program = problem.linear_program()
    if program is None:
        return "not linear"
    return "linear" if program.integer is None else "linear in whole and other numbers"


def _repairs(problem: Problem) -> str:
    return ", ".join(f"{name} = {text}" for name, text in problem.definition.repair.items())
