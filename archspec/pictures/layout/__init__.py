"""Where the boxes of a drawing stand, and how its edges run between them."""
