"""Networks, one registry: torchvision's and our own. Nothing heavy is imported until one is built.

A package of a user's adds its own through entry points of the group ``fairtrial.networks``, each
a `fairtrial.images.networks.network.Network`.
"""

from fairtrial.core.registry import Registry

_TORCHVISION = "fairtrial.images.networks.torchvision_networks"

NETWORKS = Registry(
    "fairtrial.networks",
    {
        "densenet121": f"{_TORCHVISION}:DENSENET121",
        "efficientnet_b4": f"{_TORCHVISION}:EFFICIENTNET_B4",
        "mobilenet_v2": f"{_TORCHVISION}:MOBILENET_V2",
        "residual": "fairtrial.images.networks.residual:RESIDUAL",
        "resnet18": f"{_TORCHVISION}:RESNET18",
        "resnet34": f"{_TORCHVISION}:RESNET34",
        "squeezenet": f"{_TORCHVISION}:SQUEEZENET",
    },
)
