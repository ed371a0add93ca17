"""One set of statistics for every study: a tidy scores table in, a verdict in plain data out."""
