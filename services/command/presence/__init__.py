"""When users were last seen: noticed as they ask, and told to `chat.presence` behind every answer."""

from services.command.presence.presence import Presence

__all__ = ["Presence"]
