"""What an editor shows of a page that is being typed, as plain data: nothing here knows the editor's protocol."""
