"""Real clients, and our own, against a running service."""
