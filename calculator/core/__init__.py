"""One transposed convolution: what it refuses, its shapes, exact counts, their working, growth and memory."""
