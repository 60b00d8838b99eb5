"""Who talks with whom: conversations, and the people in them."""
