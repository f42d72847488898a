"""Where the weights of a layer land: the stamp, overlap, matrices, output sizes and the way back."""
