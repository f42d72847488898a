"""Readers of files of bare tensors, and the inference of layers from names and shapes."""
