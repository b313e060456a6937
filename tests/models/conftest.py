import pytest

from tests.models.tiny import FAMILIES, save_checkpoint


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """One folder a family; read only."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {family: save_checkpoint(root / family, family) for family in FAMILIES}


@pytest.fixture(params=FAMILIES)
def checkpoint(request, checkpoints):
    """The folder of each family in turn; read only."""
    return checkpoints[request.param]
