"""Stage evaluate: outputs become scores, scores a verdict, and all of it a page."""

from fairtrial.pipelines.evaluate.images import create_images_pipeline
from fairtrial.pipelines.evaluate.melodies import create_melodies_pipeline
from fairtrial.pipelines.evaluate.problems import create_problems_pipeline
from fairtrial.pipelines.evaluate.scores import create_scores_pipeline
from fairtrial.pipelines.evaluate.song_tuners import create_song_tuners_pipeline
from fairtrial.pipelines.evaluate.tuners import create_tuners_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "images": create_images_pipeline,
        "melodies": create_melodies_pipeline,
        "problems": create_problems_pipeline,
        "scores": create_scores_pipeline,
        "song_tuners": create_song_tuners_pipeline,
        "tuners": create_tuners_pipeline,
    }
)
