"""Number formats: what each computes, where grouped convolutions go."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fairtrial.core.errors import ConfigError
from fairtrial.training.precision import check_precision, computing, has_grouped_convolutions

CPU = torch.device("cpu")


def dtypes(precision: str) -> dict[str, torch.dtype]:
    """Data types of the results of a plain and of a grouped convolution."""
    model = nn.Sequential(nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 2, 3))
    found: dict[str, torch.dtype] = {}

    def note(name: str) -> object:
        return lambda _module, _inputs, output: found.update({name: output.dtype})

    for name, part in zip(("plain", "grouped", "after"), model, strict=True):
        part.register_forward_hook(note(name))
    with computing(CPU, precision):  # type: ignore[arg-type]  # text, not a literal
        model(torch.rand(1, 4, 9, 9)).float().sum().backward()
    assert all(part.weight.grad.dtype == torch.float32 for part in model)
    return found


def test_each_precision_computes_what_it_says() -> None:
    """fp32 everywhere, bf16 everywhere, or bf16 but for grouped convolutions."""
    full, half = torch.float32, torch.bfloat16
    assert dtypes("fp32") == {"plain": full, "grouped": full, "after": full}
    assert dtypes("bf16") == {"plain": half, "grouped": half, "after": half}
    assert dtypes("hybrid") == {"plain": half, "grouped": full, "after": half}


def test_hybrid_without_grouped_convolutions_is_bf16() -> None:
    """The two give the same bits where nothing is grouped."""
    torch_model, x = nn.Conv2d(3, 8, 3), torch.rand(2, 3, 9, 9)
    assert not has_grouped_convolutions(torch_model)
    assert has_grouped_convolutions(nn.Sequential(nn.Conv2d(4, 4, 1, groups=2)))
    found = []
    for precision in ("bf16", "hybrid"):
        with computing(CPU, precision):  # type: ignore[arg-type]  # text, not a literal
            found.append(torch_model(x))
    assert torch.equal(*found)


def test_a_card_without_bf16_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """bf16 on a graphics card without its units is an error; on the CPU it is only slow."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda _emulated: False)
    with pytest.raises(ConfigError, match="without bf16 units"):
        check_precision(torch.device("cuda"), "hybrid")
    check_precision(torch.device("cuda"), "fp32")
    check_precision(CPU, "bf16")
