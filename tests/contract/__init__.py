"""What both services promise in OpenAPI, and to whom: asked of running services."""
