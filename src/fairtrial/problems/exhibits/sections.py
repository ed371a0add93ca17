"""The parts of a problem's page, in their order; exhibits name the one that they stand in."""

from fairtrial.evidence.sections import OPENING

ANSWER = OPENING
LITERATURE = "What the papers print"
PRACTICE = "In practice"
OPTIMISERS = "How the optimisers did"
