"""Settings for all tests: property-based tests are repeatable and have no time limit of their own."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("certify", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("certify")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Results are kept in a folder of this run's own, for child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CERTIFY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
