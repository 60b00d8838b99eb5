"""Runs the command service: settings, parts, application, run."""

import sys

import uvloop

from services.command.app import make_app
from shared.garbage import collect_seldom
from shared.log.topics import UnusableTopicError
from shared.settings import BadSettingError, Settings, read_settings
from shared.telemetry import start_telemetry
from shared.web.running import CannotListenError, run


async def serve(settings: Settings) -> None:
    """Runs until it is told to stop."""
    app = await make_app(settings)
    collect_seldom()
    await run(app, settings, settings.command_port, "COMMAND_PORT")


def main() -> None:
    """What cannot be done for a reason outside is one line and exit status 1."""
    try:
        settings = read_settings()
        start_telemetry(settings, "command")
        uvloop.run(serve(settings))
    except (BadSettingError, CannotListenError, UnusableTopicError) as error:
        sys.stderr.write(f"verbatim command service: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
