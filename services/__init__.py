"""The processes of Verbatim."""
