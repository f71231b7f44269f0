"""What an editor shows of a page while it is written."""
