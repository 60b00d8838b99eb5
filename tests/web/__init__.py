"""What both HTTP edges have in common."""
