"""Files of music to bars: what is read, what is mended, what is left out and why."""
