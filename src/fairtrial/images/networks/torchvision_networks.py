"""The torchvision networks (BSD-3-Clause), each without its own last layer.

Weights are published for 1,000 ImageNet classes; the base is therefore built whole, so that a state
dict loads strictly, and stripped afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairtrial.images.networks.network import Network

if TYPE_CHECKING:
    from torch import nn

_URL = "https://download.pytorch.org/models"


def _torchvision(name: str, **settings: float) -> nn.Module:
    import torchvision

    network: nn.Module = torchvision.models.get_model(name, weights=None, **settings)
    return network


def _densenet121() -> nn.Module:
    return _torchvision("densenet121")


def _efficientnet_b4() -> nn.Module:
    # Whole layers dropped at random (0.2 as published) only hurt trainings of a few epochs.
    return _torchvision("efficientnet_b4", stochastic_depth_prob=0.0)


def _mobilenet_v2() -> nn.Module:
    return _torchvision("mobilenet_v2")


def _resnet18() -> nn.Module:
    return _torchvision("resnet18")


def _resnet34() -> nn.Module:
    return _torchvision("resnet34")


def _squeezenet() -> nn.Module:
    return _torchvision("squeezenet1_0")


def _without_classifier(network: nn.Module) -> nn.Module:
    from torch import nn

    network.classifier = nn.Identity()
    return network


def _without_fc(network: nn.Module) -> nn.Module:
    from torch import nn

    network.fc = nn.Identity()
    return network


def _pooled(network: nn.Module) -> nn.Module:
    """The mean over the picture in place of SqueezeNet's last convolution.

    A linear layer after the mean is the same map as a 1x1 convolution before it, without the
    published ReLU, which can silence a class for good.
    """
    from torch import nn

    network.classifier = nn.AdaptiveAvgPool2d(1)
    return network


DENSENET121 = Network(
    "densenet121",
    _densenet121,
    _without_classifier,
    features=1024,
    native_side_px=224,
    weights_stem="densenet121",
    weights_url=f"{_URL}/densenet121-a639ec97.pth",
)
EFFICIENTNET_B4 = Network(
    "efficientnet_b4",
    _efficientnet_b4,
    _without_classifier,
    features=1792,
    native_side_px=380,
    weights_stem="efficientnet_b4",
    weights_url=f"{_URL}/efficientnet_b4_rwightman-23ab8bcd.pth",
)
MOBILENET_V2 = Network(
    "mobilenet_v2",
    _mobilenet_v2,
    _without_classifier,
    features=1280,
    native_side_px=224,
    weights_stem="mobilenet_v2",
    weights_url=f"{_URL}/mobilenet_v2-7ebf99e0.pth",
)
RESNET18 = Network(
    "resnet18",
    _resnet18,
    _without_fc,
    features=512,
    native_side_px=224,
    weights_stem="resnet18",
    weights_url=f"{_URL}/resnet18-f37072fd.pth",
)
RESNET34 = Network(
    "resnet34",
    _resnet34,
    _without_fc,
    features=512,
    native_side_px=224,
    weights_stem="resnet34",
    weights_url=f"{_URL}/resnet34-b627a593.pth",
)
SQUEEZENET = Network(
    "squeezenet",
    _squeezenet,
    _pooled,
    features=512,
    native_side_px=224,
    weights_stem="squeezenet1_0",
    weights_url=f"{_URL}/squeezenet1_0-b66bff10.pth",
)
