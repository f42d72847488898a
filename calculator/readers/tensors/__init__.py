"""Files of bare tensors, and the layers that their names and shapes show."""
