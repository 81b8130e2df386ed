"""Pages for people at a browser."""
