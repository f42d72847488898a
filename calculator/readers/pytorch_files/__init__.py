"""Files of ``torch.save`` and TorchScript, and HDF5 files of state dicts. The pickle inside is never run."""
