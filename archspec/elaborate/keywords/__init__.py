"""A node's keywords that are no op's: each, over, share, use and the modifiers."""
