"""A layer or model against a budget, lighter layers, the shelf, and the numbers of other tools."""
