"""The elaborated architecture as plain data, and what is read off it or cut from it."""
