"""The five stages: wiring and thin nodes, the only place where domains meet."""
