"""Networks, one registry: torchvision's and our own. Nothing heavy is imported until one is built.

A package of a user's adds its own through entry points of the group ``fairtrial.networks``, each
a `fairtrial.images.networks.network.Network`.
"""

from fairtrial.core.registry import Registry

# Whole literals: fingerprints find the modules behind a registry by reading this source.
NETWORKS = Registry(
    "fairtrial.networks",
    {
        "alexnet": "fairtrial.images.networks.torchvision_networks:ALEXNET",
        "densenet121": "fairtrial.images.networks.torchvision_networks:DENSENET121",
        "efficientnet_b4": "fairtrial.images.networks.torchvision_networks:EFFICIENTNET_B4",
        "googlenet": "fairtrial.images.networks.torchvision_networks:GOOGLENET",
        "inception_v3": "fairtrial.images.networks.torchvision_networks:INCEPTION_V3",
        "mobilenet_v2": "fairtrial.images.networks.torchvision_networks:MOBILENET_V2",
        "residual": "fairtrial.images.networks.residual:RESIDUAL",
        "resnet18": "fairtrial.images.networks.torchvision_networks:RESNET18",
        "resnet34": "fairtrial.images.networks.torchvision_networks:RESNET34",
        "resnet50": "fairtrial.images.networks.torchvision_networks:RESNET50",
        "squeezenet": "fairtrial.images.networks.torchvision_networks:SQUEEZENET",
        "vgg16": "fairtrial.images.networks.torchvision_networks:VGG16",
    },
)
