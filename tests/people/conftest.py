"""Services of a test's own, for those that take something away."""

from tests.fixtures.command_service import own_command_service  # noqa: F401  # fixture
from tests.fixtures.query_service import own_query_service  # noqa: F401  # fixture
