"""What the tests of following share."""

from tests.fixtures.names import database, log, names  # noqa: F401  # fixtures
