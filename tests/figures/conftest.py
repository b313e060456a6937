"""A recommendation that was made up, for the figures and sentences of the Fusion page."""

import pytest

from tests.recommended import small_recommendation


@pytest.fixture(scope="session")
def recommendation():
    """DLFA gate is best at layer 9 and beats everything."""
    return small_recommendation()


@pytest.fixture(scope="session")
def undecided():
    """No fusion differs from the last layer."""
    return small_recommendation(height=0.0)
