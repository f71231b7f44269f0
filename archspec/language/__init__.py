"""From text to a document: positions, diagnostics, the YAML tree, expressions and the document's model."""
