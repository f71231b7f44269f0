"""The standard blocks, one file each, written in the language itself."""
