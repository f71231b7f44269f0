"""Fit and search the params of a spec: every point is counted exactly, and nothing here needs torch."""
