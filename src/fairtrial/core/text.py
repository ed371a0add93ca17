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


def p_text(p: float | None, alpha: float | None = None) -> str:
    """``p = 0.032``, ``p = 6.1e-19`` or, for a p of 0, ``p < 1e-12``.

    Two significant digits, and with ``alpha`` as many more as keep p on its side of it: 0.0496
    beside 0.05.
    """
    if p is None:
        return DASH
    # No p-value is 0: it is less than a test's arithmetic resolves, which is 1e-12 at the worst.
    if p < 1e-300:
        return "p < 1e-12"
    digits = 2
    while alpha is not None and digits < 15 and _crosses(p, float(f"{p:.{digits}g}"), alpha):
        digits += 1
    return f"p = {p:.{digits}g}" if p >= 0.001 else f"p = {p:.{digits - 1}e}"


def _crosses(p: float, shown: float, alpha: float) -> bool:
    return (shown < alpha, shown > alpha) != (p < alpha, p > alpha)


def count_text(count: int, noun: str) -> str:
    """``1 fold``, ``5 folds``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def list_text(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
