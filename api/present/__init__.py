"""Plain text for people: pages without boxes, which read the same with and without colour."""
