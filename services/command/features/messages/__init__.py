"""What is said in a conversation, and how far each has read."""
