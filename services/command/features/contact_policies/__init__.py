"""Whether strangers may write to somebody at once, or have to ask first."""
