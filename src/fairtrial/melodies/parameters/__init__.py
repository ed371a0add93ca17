"""Parameters of a melody study, a module a group. Light: read whenever the registry is."""

from fairtrial.core.parameters import Parameters
from fairtrial.melodies.parameters.arm import Arm
from fairtrial.melodies.parameters.augment import Augment, Step
from fairtrial.melodies.parameters.evaluate import Evaluate
from fairtrial.melodies.parameters.ingest import Ingest, RootSource
from fairtrial.melodies.parameters.rating import Rating
from fairtrial.melodies.parameters.songs import Song, Songs
from fairtrial.melodies.parameters.split import Split
from fairtrial.melodies.parameters.train import Train

__all__ = [
    "PARAMETERS",
    "Arm",
    "Augment",
    "Evaluate",
    "Ingest",
    "Rating",
    "RootSource",
    "Song",
    "Songs",
    "Split",
    "Step",
    "Train",
]

PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "augment": Augment,
    "train": Train,
    "optimize": Songs,
    "evaluate": Evaluate,
    "rating": Rating,
    "arms": Arm,
}
