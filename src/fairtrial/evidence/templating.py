"""Where templates lie and how a number is put on a page. Everything inserted is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fairtrial.core.text import DASH, number_text, p_text


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _p_value(p: float | None, alpha: float) -> str:
    return DASH if p is None else p_text(p, alpha).removeprefix("p ").removeprefix("= ")


def _chance(share: float) -> str:
    return f"{share:.3f}"


def environment() -> Environment:
    """The environment of both pages: autoescape on, a missing value is an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number_text,
        "p": p_text,
        "p_value": _p_value,
        "words": _words,
        "chance": _chance,
    }
    return made
