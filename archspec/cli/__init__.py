"""The command line: arguments → calls → exit code. One file a command; what they do is done below.

Nothing here imports torch, graphviz or rich before a command needs it.
"""

from archspec.cli.app import main

__all__ = ["main"]
