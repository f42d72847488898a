"""Ways to upsample and what each costs; a budget, advice, and what other tools print."""
