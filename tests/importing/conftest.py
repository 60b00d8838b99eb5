"""An import is compared with all there is: each test has services of its own."""

from tests.fixtures.command_service import own_command_service as command_service  # noqa: F401  # fixture
from tests.fixtures.query_service import own_query_service as query_service  # noqa: F401  # fixture
