"""Edges led at right angles around the boxes."""
