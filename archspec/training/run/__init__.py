"""A training run: Lightning around the network, its checkpoints and its log."""
