"""Stage augment: training sets are built; what is shown of a transform is drawn."""

from fairtrial.pipelines.augment.images import create_images_pipeline
from fairtrial.pipelines.augment.melodies import create_melodies_pipeline
from fairtrial.pipelines.augment.tuners import create_tuners_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "images": create_images_pipeline,
        "melodies": create_melodies_pipeline,
        "tuners": create_tuners_pipeline,
    }
)
