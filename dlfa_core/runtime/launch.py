"""One run in several processes, as `torchrun` and `accelerate launch` start them: all compute, the first one writes."""

import os


def is_main_process() -> bool:
    """Tell whether this process writes results and talks to people; always, where it is the only one."""
    return int(os.environ.get("RANK", "0")) == 0


def is_one_of_several() -> bool:
    """Tell whether this process was started as one of a run in several."""
    return "RANK" in os.environ
