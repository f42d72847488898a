"""Readers of PyTorch models: printed modules, the snippet's JSON and checkpoints."""
