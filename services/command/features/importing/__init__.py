"""History from elsewhere: many lines in one post, each recorded by the same writers under the same rules."""
