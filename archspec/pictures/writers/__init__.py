"""A laid-out picture as a file: SVG, PNG, PDF, DOT or Mermaid."""
