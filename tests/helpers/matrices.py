"""Matrices of whole numbers, transposed and multiplied with exact integers."""

from collections.abc import Sequence

from calculator.geometry.matrices import Matrix


def transpose(matrix: Matrix) -> Matrix:
    """Return the transpose of ``matrix``: its rows are the columns of ``matrix``.

    >>> transpose(((1, 2, 3), (4, 5, 6)))
    ((1, 4), (2, 5), (3, 6))
    """
    return tuple(zip(*matrix, strict=True))


def multiply(matrix: Matrix, vector: Sequence[int]) -> tuple[int, ...]:
    """Return ``matrix`` times ``vector``. Raises ``ValueError`` if their sizes do not match.

    >>> from calculator.core.layer import ConvTranspose
    >>> from calculator.geometry.matrices import convolution_matrix
    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> multiply(transpose(convolution_matrix(layer, 2, (1, 2, 3))), (1, 2))
    (1, 2, 5, 4, 6)
    """
    return tuple(sum(a * x for a, x in zip(row, vector, strict=True)) for row in matrix)
