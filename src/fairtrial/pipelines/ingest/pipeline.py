"""Stage ingest: raw items are read, checked, listed and packed."""

from fairtrial.pipelines.ingest.images import create_images_pipeline
from fairtrial.pipelines.ingest.melodies import create_melodies_pipeline
from fairtrial.pipelines.ingest.problems import create_problems_pipeline
from fairtrial.pipelines.ingest.scores import create_scores_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "images": create_images_pipeline,
        "melodies": create_melodies_pipeline,
        "problems": create_problems_pipeline,
        "scores": create_scores_pipeline,
        "song_tuners": create_melodies_pipeline,
        "tuners": create_images_pipeline,
    }
)
