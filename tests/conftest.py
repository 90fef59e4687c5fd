"""Settings for all tests: property-based tests are repeatable and have no time limit of their own."""

from hypothesis import HealthCheck, settings

settings.register_profile("certify", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("certify")
