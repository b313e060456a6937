"""What benchmarks share: the machine in words, clocks, memory of other processes, and tables as README.md has them."""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from dlfa_core.models.hardware import has_fast_bfloat16

ROOT = Path(__file__).parents[1]
FEATURES = {"avx512_f": "AVX-512", "avx512_bf16": "AVX512-BF16", "avx512_vnni": "VNNI", "amx_bf16": "AMX"}
SHOWN_LINES = 3  # of what a process that failed said last


def machine(device: str = "cpu") -> str:
    """Return what numbers depend on, in one line."""
    features = torch.cpu.get_capabilities()
    has = [name for key, name in FEATURES.items() if features.get(key)]
    name = torch.cuda.get_device_name(device) if device != "cpu" else _processor()
    fast = "computes in bfloat16" if has_fast_bfloat16(torch.device(device)) else "has no fast bfloat16"
    return (
        f"{name}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, {', '.join(has) or 'no AVX-512'}; {fast}; "
        f"Python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}."
    )


def _processor() -> str:
    """The processor's own name, or else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor")


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call, the accelerator's part included."""
    started = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


PEAK_SIZE, QUICK_PEAK_SIZE = 2048, 128  # the small one is for emulated bfloat16, too


def matrix_peak(dtype: torch.dtype, device: torch.device | str, size: int = PEAK_SIZE) -> float:
    """Floating-point operations a second of a large square product, the best of five."""
    a, b = torch.randn(2, size, size, device=device).to(dtype)
    return 2 * size**3 / min(seconds(lambda: a @ b) for _ in range(5))


def own_peak_memory() -> float:
    """Megabytes that this process took at most."""
    status = Path("/proc/self/status")
    if status.is_file():  # there, resource counts what a parent held before it began this process
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    return kilobytes / (2**20 if sys.platform == "darwin" else 2**10)


def peak_memory(module: str, *arguments: str) -> float:
    """Megabytes that a process of its own takes, as `own_peak_memory` prints them at its end.

    Raises:
        RuntimeError: it failed; the message says what it said last.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if found.returncode:
        last = " / ".join(found.stderr.strip().splitlines()[-SHOWN_LINES:])
        raise RuntimeError(f"{' '.join(command[1:])} failed: {last}")
    return float(found.stdout.split()[-1])


def has(package: str) -> bool:
    """Tell whether a peer is installed; `make bench` installs those of requirements-benchmarks.txt."""
    return find_spec(package) is not None


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> None:
    """Print a table in Markdown; all but the first columns are set to the right."""
    marks = ["---" if number < left else "---:" for number in range(len(heads))]
    for cells in chain((heads, marks), rows):  # rows may be measured one after the other
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
