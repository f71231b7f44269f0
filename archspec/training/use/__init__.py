"""A finished run in use: measured, asked for predictions."""
