"""Waiting for what happens in other processes."""

import time

from dlfa_core.runtime import jobs

PATIENCE = 300  # seconds; only what never happens takes as long


def until(happened):
    """Wait for it, and return what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return found


def wait(job, *states):
    """The job's status once it is in one of the states, or finished."""
    until(lambda: job.status().state in (*states, *jobs.FINAL))
    return job.status()
