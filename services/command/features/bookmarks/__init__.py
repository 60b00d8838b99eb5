"""What people keep for later, with a note."""
