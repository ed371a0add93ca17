"""Stage train: one node trains the trials of one arm and chunk."""

from fairtrial.pipelines.train.images import create_images_pipeline
from fairtrial.pipelines.train.melodies import create_melodies_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "images": create_images_pipeline,
        "melodies": create_melodies_pipeline,
    }
)
