"""Where templates lie and how a number is put on a page. Everything inserted is escaped."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fairtrial.core.text import DASH, number_text, p_text


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _p_value(p: float | None, alpha: float) -> str:
    return DASH if p is None else p_text(p, alpha).removeprefix("p ").removeprefix("= ")


def _chance(share: float) -> str:
    return f"{share:.3f}"


def data_url(kind: str, content: bytes) -> str:
    """A file as an address that needs no file beside the page.

    Args:
        kind: its media type. A picture inside an <img> runs no script and keeps its ids to itself.
        content: the file.
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def environment() -> Environment:
    """The environment of all pages: autoescape on, a missing value is an error."""
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
