"""Ways to upsample by a whole factor, as chains of layers: what each costs, and the recommended one."""
