"""Documents of questions and answers: model cards, data sheets."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit

UNANSWERED = "not answered"

Line = tuple[str, str, str]
"""Section, question and answer, which is "" where nobody has answered."""


def document_markdown(title: str, banners: Sequence[str], lines: Sequence[Line]) -> bytes:
    """The document as Markdown; unanswered questions are printed as such.

    Args:
        title: its heading.
        banners: sentences that stand above all.
        lines: in their order, those of one section together.
    """
    text = [f"# {title}", *(f"**{banner}**" for banner in banners)]
    section = ""
    for heading, question, answer in lines:
        if heading != section:
            text.append(f"## {heading}")
            section = heading
        text.append(f"**{question}** {_escaped(answer) if answer else f'*{UNANSWERED}*'}")
    return ("\n\n".join(text) + "\n").encode()


def document_exhibit(title: str, lines: Sequence[Line]) -> Files:
    """The document as a table of the page."""
    rows = [(section, question, answer or UNANSWERED) for section, question, answer in lines]
    open_ = sum(not answer for _, _, answer in lines)
    caption = "Filled from what is stored of the study" + (
        f"; {open_} of {len(lines)} lines wait for an answer of its authors." if open_ else "."
    )
    table = pd.DataFrame(rows, columns=["section", "question", "answer"])
    return exhibit(title, caption, data=table, table=True)


def _escaped(text: str) -> str:
    """Text that is no markup, whatever it holds."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in text)
