"""Which device and number format to use on this machine."""

from collections.abc import Callable
from functools import partial

import numpy as np
import psutil
import torch
from torch import Tensor

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA before MPS before the processor.

    Raises:
        ValueError: torch knows no such device, or this machine has none.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    if not available.get(str(name).split(":")[0], False):
        usable = ", ".join(kind for kind, there in available.items() if there)
        raise ValueError(f"device={name!r} is not available here: use 'auto' or one of {usable}.")
    return torch.device(name)


def puts_on_accelerator() -> Callable[[np.ndarray], Tensor] | None:
    """What puts arrays on the device that "auto" takes, if that is another than the processor."""
    device = choose_device()
    return None if device.type == "cpu" else partial(put, device)


def put(device: torch.device, array: np.ndarray) -> Tensor:
    """A tensor on a device, in the array's number format; float64 becomes float32 where the device has no other."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(device, torch.float32 if device.type == "mps" else tensor.dtype)


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """The number format of that name; "auto" takes bfloat16 where the device computes with it, else float32.

    Raises:
        ValueError: the name is none of "auto", "float32", "bfloat16", "float16".
    """
    if name == "auto":
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    if name not in DTYPES:
        raise ValueError(f"dtype={name!r} is unknown: use one of auto, {', '.join(DTYPES)}.")
    return DTYPES[name]


def has_fast_bfloat16(device: torch.device) -> bool:
    """Tell whether the device multiplies bfloat16 in hardware: CUDA from Ampere on, AVX512-BF16, AMX.

    Other processors emulate it, several times slower than float32.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        features = torch.cpu.get_capabilities()
        return bool(features.get("avx512_bf16") or features.get("amx_bf16"))
    return False


def has_matrix_unit(device: torch.device) -> bool:
    """Tell whether the device multiplies tiles of bfloat16, as processors with AMX and all accelerators do."""
    return device.type != "cpu" or bool(torch.cpu.get_capabilities().get("amx_bf16"))


def free_memory(device: torch.device) -> int:
    """Bytes that the device has free now."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


def to_host(tensor: Tensor) -> Callable[[], np.ndarray]:
    """Begin to copy a tensor to the host, and return what waits for the copy; meanwhile CUDA goes on."""
    if tensor.device.type != "cuda":
        return tensor.cpu().numpy
    host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    host.copy_(tensor, non_blocking=True)
    copied = torch.cuda.Event()
    copied.record()

    def waited() -> np.ndarray:
        copied.synchronize()
        return host.numpy()

    return waited
