"""The language server: an editor's requests over what `editor/page` says of each open page."""
