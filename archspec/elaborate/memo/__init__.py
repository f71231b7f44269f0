"""What was elaborated once is not elaborated again."""
