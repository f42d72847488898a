"""One transposed-convolution layer: its rules, shapes, exact counts, working, growth and memory.

Why no framework or array library computes these numbers:

- counts are exact Python integers, whereas integers of NumPy and pandas overflow above 2⁶³ without an error;
- PyTorch and Keras take seconds to import, and a layer of theirs allocates all its weights;
- every number needs its derivation and every refusal a sentence, which no framework provides.
"""
