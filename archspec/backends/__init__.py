"""What is made of an elaborated graph: one file or folder for each form."""
