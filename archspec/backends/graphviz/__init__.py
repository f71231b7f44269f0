"""Graphviz: where the boxes of a drawing stand, and the drawing as DOT."""
