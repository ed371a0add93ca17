"""Studies on pictures: reading, splitting, warping, networks, training and scoring. No Kedro."""
