"""A layout as a page of shapes and text: outlines, tables, legends, colours."""
