"""Ways to upsample with their costs, a budget, advice on a model, and the numbers of other tools."""
