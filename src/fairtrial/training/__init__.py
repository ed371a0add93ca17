"""One training loop: steps, checkpoints and devices. It knows neither pictures nor bars."""
