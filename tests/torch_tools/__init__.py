"""What torch's tools make of every bundled network; `python -m tests.torch_tools` writes the table in docs/."""
