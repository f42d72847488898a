"""Files of Keras: ``.keras`` archives, HDF5 files and models of TensorFlow.js, with the stored weights."""
