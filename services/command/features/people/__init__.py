"""People join, and say how others see them."""
