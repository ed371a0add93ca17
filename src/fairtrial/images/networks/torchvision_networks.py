"""The torchvision networks (BSD-3-Clause), each without its own last layer.

Weights are published for 1,000 ImageNet classes; the base is therefore built whole, so that a state
dict loads strictly, and stripped afterwards. What stands in the way of a base is stripped with the
last layer: auxiliary classifiers, and the dropout before the last layer, which is the arm's to set.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from fairtrial.images.networks.network import Network

if TYPE_CHECKING:
    from torch import nn

_URL = "https://download.pytorch.org/models"

# GoogLeNet and Inception v3 were published for pixels in [-1, 1]. torchvision keeps ImageNet's
# normalisation for them too and undoes it inside (transform_input); one normalisation does.
_HALF = (0.5, 0.5, 0.5)


def _torchvision(name: str, **settings: Any) -> nn.Module:
    import torchvision

    network: nn.Module = torchvision.models.get_model(name, weights=None, **settings)
    return network


def _without_classifier(network: nn.Module) -> nn.Module:
    from torch import nn

    network.classifier = nn.Identity()
    return network


def _without_fc(network: nn.Module) -> nn.Module:
    from torch import nn

    network.fc = nn.Identity()
    return network


def _without_last_linear(network: nn.Module) -> nn.Module:
    """AlexNet and VGG keep their two layers of 4,096, as is usual in transfer learning."""
    from torch import nn

    kept = list(network.get_submodule("classifier").children())[:-1]
    if isinstance(kept[-1], nn.Dropout):
        kept.pop()
    network.classifier = nn.Sequential(*kept)
    return network


def _googlenet_base(network: Any) -> nn.Module:
    from torch import nn

    network.aux_logits, network.aux1, network.aux2 = False, None, None
    network.dropout = nn.Identity()
    return _without_fc(network)


def _inception_base(network: Any) -> nn.Module:
    from torch import nn

    network.aux_logits, network.AuxLogits = False, None
    network.dropout = nn.Identity()
    return _without_fc(network)


def _pooled(network: nn.Module) -> nn.Module:
    """The mean over the picture in place of SqueezeNet's last convolution.

    A linear layer after the mean is the same map as a 1x1 convolution before it, without the
    published ReLU, which can silence a class for good.
    """
    from torch import nn

    network.classifier = nn.AdaptiveAvgPool2d(1)
    return network


def _densenet_name(name: str) -> str:
    """Published DenseNets call ``norm.1`` what is now ``norm1``: modules' names hold no dots."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", name)


def _within(module: str, *children: int | str) -> tuple[str, ...]:
    return tuple(f"{module}.{child}" for child in children)


_RESNET_STAGES = ("conv1", "layer1", "layer2", "layer3", "layer4")

ALEXNET = Network(
    "alexnet",
    partial(_torchvision, "alexnet"),
    _without_last_linear,
    features=4096,
    heat_layer="features.11",
    stages=(*_within("features", 0, 3, 6, 8, 10), *_within("classifier", 0, 3)),
    native_side_px=224,
    smallest_side_px=63,
    weights_stem="alexnet",
    weights_url=f"{_URL}/alexnet-owt-7be5be79.pth",
)
DENSENET121 = Network(
    "densenet121",
    partial(_torchvision, "densenet121"),
    _without_classifier,
    features=1024,
    heat_layer="features",
    stages=_within(
        "features",
        "conv0",
        "denseblock1",
        "transition1",
        "denseblock2",
        "transition2",
        "denseblock3",
        "transition3",
        "denseblock4",
    ),
    native_side_px=224,
    weights_stem="densenet121",
    weights_url=f"{_URL}/densenet121-a639ec97.pth",
    rename=_densenet_name,
)
EFFICIENTNET_B4 = Network(
    "efficientnet_b4",
    # Whole layers dropped at random (0.2 as published) only hurt trainings of a few epochs.
    partial(_torchvision, "efficientnet_b4", stochastic_depth_prob=0.0),
    _without_classifier,
    features=1792,
    heat_layer="features",
    stages=_within("features", *range(9)),
    native_side_px=380,
    weights_stem="efficientnet_b4",
    weights_url=f"{_URL}/efficientnet_b4_rwightman-23ab8bcd.pth",
)
GOOGLENET = Network(
    "googlenet",
    partial(_torchvision, "googlenet", aux_logits=True, init_weights=True),
    _googlenet_base,
    features=1024,
    heat_layer="inception5b",
    stages=(
        *("conv1", "conv2", "conv3"),
        *(f"inception{block}" for block in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")),
    ),
    native_side_px=224,
    weights_stem="googlenet",
    weights_url=f"{_URL}/googlenet-1378be20.pth",
    mean=_HALF,
    std=_HALF,
)
INCEPTION_V3 = Network(
    "inception_v3",
    partial(_torchvision, "inception_v3", aux_logits=True, init_weights=True),
    _inception_base,
    features=2048,
    heat_layer="Mixed_7c",
    stages=(
        *(f"Conv2d_{layer}" for layer in ("1a_3x3", "2a_3x3", "2b_3x3", "3b_1x1", "4a_3x3")),
        *(f"Mixed_{block}" for block in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e")),
        *(f"Mixed_{block}" for block in ("7a", "7b", "7c")),
    ),
    native_side_px=299,
    smallest_side_px=75,
    weights_stem="inception_v3",
    weights_url=f"{_URL}/inception_v3_google-0cc3c7bd.pth",
    mean=_HALF,
    std=_HALF,
)
MOBILENET_V2 = Network(
    "mobilenet_v2",
    partial(_torchvision, "mobilenet_v2"),
    _without_classifier,
    features=1280,
    heat_layer="features",
    stages=_within("features", *range(19)),
    native_side_px=224,
    weights_stem="mobilenet_v2",
    weights_url=f"{_URL}/mobilenet_v2-7ebf99e0.pth",
)
RESNET18 = Network(
    "resnet18",
    partial(_torchvision, "resnet18"),
    _without_fc,
    features=512,
    heat_layer="layer4",
    stages=_RESNET_STAGES,
    native_side_px=224,
    weights_stem="resnet18",
    weights_url=f"{_URL}/resnet18-f37072fd.pth",
)
RESNET34 = Network(
    "resnet34",
    partial(_torchvision, "resnet34"),
    _without_fc,
    features=512,
    heat_layer="layer4",
    stages=_RESNET_STAGES,
    native_side_px=224,
    weights_stem="resnet34",
    weights_url=f"{_URL}/resnet34-b627a593.pth",
)
RESNET50 = Network(
    "resnet50",
    partial(_torchvision, "resnet50"),
    _without_fc,
    features=2048,
    heat_layer="layer4",
    stages=_RESNET_STAGES,
    native_side_px=224,
    weights_stem="resnet50",
    weights_url=f"{_URL}/resnet50-11ad3fa6.pth",
)
SQUEEZENET = Network(
    "squeezenet",
    partial(_torchvision, "squeezenet1_0"),
    _pooled,
    features=512,
    heat_layer="features",
    stages=_within("features", 0, 3, 4, 5, 7, 8, 9, 10, 12),
    native_side_px=224,
    weights_stem="squeezenet1_0",
    weights_url=f"{_URL}/squeezenet1_0-b66bff10.pth",
)
VGG16 = Network(
    "vgg16",
    partial(_torchvision, "vgg16"),
    _without_last_linear,
    features=4096,
    heat_layer="features.29",
    stages=(
        *_within("features", 0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
        *_within("classifier", 0, 3),
    ),
    native_side_px=224,
    weights_stem="vgg16",
    weights_url=f"{_URL}/vgg16-397923af.pth",
)
