"""How the losses of both networks went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from fairtrial.core.records import Files
from fairtrial.core.text import count_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, new_figure
from fairtrial.melodies.parameters import Train


def losses_exhibit(histories: Mapping[str, Sequence[pd.DataFrame]], parameters: Train) -> Files:
    """Losses of both networks over updates: every run thin, the arm's mean thick.

    Args:
        histories: arm -> tables with block, update, generator_loss, discriminator_loss.
        parameters: of the training, told in the caption.
    """
    figure, axes = new_figure(7.2, 3.2, 1, 2)
    parts = []
    for index, (arm, tables) in enumerate(histories.items()):
        table = pd.concat(tables, ignore_index=True)
        colour = COLOURS[index % len(COLOURS)]
        for panel, measure in zip(axes[0], ("generator_loss", "discriminator_loss"), strict=True):
            for _, run in table.groupby("block"):
                panel.plot(run["update"], run[measure], color=colour, alpha=0.25, linewidth=0.6)
            mean = table.groupby("update")[measure].mean()
            panel.plot(mean.index, mean, color=colour, label=arm)
        parts.append(table.assign(arm=arm))
    for panel, title in zip(axes[0], ("generator", "discriminator"), strict=True):
        panel.set_xscale("log")
        # The house style reads no formulas, in which powers of ten are written otherwise.
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_title(title)
        panel.set_xlabel("update")
    axes[0, 0].set_ylabel("loss (nats)")
    handles, labels = axes[0, 1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    data = pd.concat(parts, ignore_index=True)
    columns = ["arm", "block", "update", "generator_loss", "discriminator_loss", "status"]
    return exhibit(
        "Losses",
        "Losses of both networks over their updates (logarithmic): thin lines are runs, thick "
        "ones an arm's mean. Where lines end at different updates, arms were given unequal work. "
        f"Trained: {count_text(parameters.epochs, 'epoch')} in batches of {parameters.batch_size}, "
        f"channels {parameters.width:g} of the paper's. The paper: 60 epochs, 50, 1.",
        figure,
        data[columns],
    )
