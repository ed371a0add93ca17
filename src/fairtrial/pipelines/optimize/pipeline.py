"""Stage optimize: optimisers and tuners search beside exact solvers; songs are evolved."""

from fairtrial.pipelines.optimize.melodies import create_melodies_pipeline
from fairtrial.pipelines.optimize.problems import create_problems_pipeline
from fairtrial.pipelines.optimize.song_tuners import create_song_tuners_pipeline
from fairtrial.pipelines.optimize.tuners import create_tuners_pipeline
from fairtrial.pipelines.wiring import by_kind

create_pipeline = by_kind(
    {
        "melodies": create_melodies_pipeline,
        "problems": create_problems_pipeline,
        "song_tuners": create_song_tuners_pipeline,
        "tuners": create_tuners_pipeline,
    }
)
