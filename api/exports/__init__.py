"""Exports: lines as files that other programs read."""
