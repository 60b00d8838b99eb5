"""What may be asked: one folder a subject, all of the same shape."""
