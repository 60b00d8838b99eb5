"""What people upload, and who may download it."""
