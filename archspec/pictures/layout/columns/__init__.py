"""A sheet that is too long, cut into columns."""
