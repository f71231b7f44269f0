"""The live page of a spec: its picture, counts and messages in a browser on this machine, as its file changes."""
