"""Can the classes be told without their subject? Trivial models, and what they say."""
