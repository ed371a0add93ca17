"""Parameters of an image study, a module a group. Light: read whenever the registry is."""

from fairtrial.core.parameters import Parameters
from fairtrial.images.parameters.arm import Arm, Recipe, recipe_of
from fairtrial.images.parameters.augment import Augment, AugmentMode
from fairtrial.images.parameters.evaluate import Evaluate
from fairtrial.images.parameters.ingest import Ingest, Side
from fairtrial.images.parameters.split import Counts, Duplicates, Protocol, Shares, Split
from fairtrial.images.parameters.train import Schedule, Train

__all__ = [
    "PARAMETERS",
    "Arm",
    "Augment",
    "AugmentMode",
    "Counts",
    "Duplicates",
    "Evaluate",
    "Ingest",
    "Protocol",
    "Recipe",
    "Schedule",
    "Shares",
    "Side",
    "Split",
    "Train",
    "recipe_of",
]

PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "augment": Augment,
    "train": Train,
    "evaluate": Evaluate,
    "arms": Arm,
}
