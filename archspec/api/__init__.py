"""What the commands and the users of Python call; each call gives plain data."""
