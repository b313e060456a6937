"""A queue with a home of its own, and what lets the jobs of `steps` and `grids` go on."""

import pytest

from dlfa_core.runtime import jobs
from tests.runtime import steps


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory):
    """A home for the tests of a file, which no shared store or cluster stands behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("DLFA_SCHEDULER", raising=False)
        patch.delenv("DLFA_STORE", raising=False)
        yield


@pytest.fixture(scope="module")
def desk(own_folder):
    """A queue for the tests of a file, which starts a cluster of its own."""
    desk = jobs.JobQueue(prepare_after=0)
    yield desk
    desk.close()


@pytest.fixture
def log(tmp_path):
    """Where jobs write their names when they begin."""
    return tmp_path / "log"


@pytest.fixture
def begun(log):
    """The names of the jobs that were begun, in order."""
    return lambda: log.read_text().split() if log.exists() else []


@pytest.fixture
def gates(tmp_path):
    """Gates by name, closed: a job waits at its own until the test lets it go on."""
    return lambda name="gate": steps.Gate(tmp_path / name)


@pytest.fixture
def let(gates):
    """Let those jobs go on that wait for one step at the gates of these names."""
    return lambda *names: [gates(name).let(1) for name in names]
