"""Tables of layers that tools print: torchinfo, torchsummary and its relatives, fastai; others by name."""
