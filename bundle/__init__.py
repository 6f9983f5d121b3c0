"""Builds the course; build_bundle.py at the top is the way in."""
