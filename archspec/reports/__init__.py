"""A graph as a table or JSON."""
