"""`python -m services.projector`: the query service, until it is told to stop."""

import sys

import uvloop

from services.projector.app import query_service
from shared.garbage import collect_seldom
from shared.settings import BadSettingError, Settings, read_settings
from shared.telemetry import start_telemetry
from shared.web.running import CannotListenError, run


async def _serve(settings: Settings) -> None:
    app = await query_service(settings)
    collect_seldom()
    await run(app, settings, settings.query_port, "QUERY_PORT")


def main() -> None:
    """Runs it. What keeps it from starting is one line."""
    try:
        settings = read_settings()
        start_telemetry(settings, "projector")
        uvloop.run(_serve(settings))
    except (BadSettingError, CannotListenError, OSError, ValueError) as error:
        print(f"verbatim projector: {error}", file=sys.stderr)  # noqa: T201  # for whoever started it
        sys.exit(1)


if __name__ == "__main__":
    main()
