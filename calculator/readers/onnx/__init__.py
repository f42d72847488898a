"""ONNX files: the graph of operators, and the layers in it."""
