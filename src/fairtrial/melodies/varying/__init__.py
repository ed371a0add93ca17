"""Augmentations of bars, one registry, and the training sets that arms learn from.

A package of a user's adds its own through entry points of the group ``fairtrial.bar_strategies``:
each a callable as `fairtrial.melodies.varying.augment.Strategy`, with an attribute ``settings``,
its parameter model, whose fields all have defaults, see
`fairtrial.melodies.parameters.strategies`.
"""

from fairtrial.core.registry import Registry

# Whole literals: fingerprints find the modules behind a registry by reading this source.
STRATEGIES = Registry(
    "fairtrial.bar_strategies",
    {
        "fifth_addition": "fairtrial.melodies.varying.fifth_addition:add_fifth",
        "octave_change": "fairtrial.melodies.varying.octave_change:change_octave",
        "time_change": "fairtrial.melodies.varying.time_change:change_time",
        "transposition": "fairtrial.melodies.varying.transposition:transpose",
    },
)
