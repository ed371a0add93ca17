"""Numbers as a reader meets them in sentences and on pages."""

from __future__ import annotations

from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def number_text(value: float | None, digits: int = 4) -> str:
    """``value`` with ``digits`` significant digits, thousands separated; a dash for none."""
    if value is None:
        return DASH
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-4 or size >= 1e9:
        return f"{value:.{digits - 1}e}".replace("-", MINUS)
    if size >= 10**digits:
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:#.{digits}g}".rstrip(".").replace("-", MINUS)


def p_text(p: float | None) -> str:
    """``p = 0.032``, ``p = 6.1e-19`` or, where the arithmetic ends, ``p < 1e-12``."""
    if p is None:
        return DASH
    # The studentized range is integrated to about 1e-13; a smaller value is its rounding error.
    if p < 1e-300:
        return "p < 1e-12"
    return f"p = {p:.2g}" if p >= 0.001 else f"p = {p:.1e}"


def count_text(count: int, noun: str) -> str:
    """``1 fold``, ``5 folds``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def list_text(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
