"""The catalogue of common mistakes in counting parameters, and the diagnosis of a wrong answer."""
