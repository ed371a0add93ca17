"""How near generated bars come to real ones, and how near to those that were learnt from."""
