"""PyTorch models as text: printed modules, code and the JSON of the snippet."""
