"""The geometry of a layer: output sizes, their inverse, overlap, matrices and pictures of the weights."""
