"""What both HTTP edges need: routes as data, one place that translates errors, bodies, and who asks."""
