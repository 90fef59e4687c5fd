"""Blocks of coordinates: on points of a worst-case problem, on tensors and on numbers."""

from fractions import Fraction

import pytest
import torch

from certify.language import block, inner
from certify.methods.gd import GradientDescent
from certify.methods.random_coordinate import RandomCoordinate
from certify.pep.modelling.model import Model


def test_blocks_of_points_are_orthogonal_and_add_up():
    model = Model()
    x = model.point("x", space=model.blocks(3))
    parts = [block(x, k, 3) for k in range(3)]
    assert sum(parts[1:], parts[0]) == x
    assert inner(parts[0], parts[1]).constant == 0


def test_blocks_of_tensors():
    x = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]])
    assert block(x, 0, 2).tolist() == [[1, 2, 0, 0, 0]]
    assert block(x, 1, 2).tolist() == [[0, 0, 3, 4, 5]]
    assert x.tolist() == [[1, 2, 3, 4, 5]]


def test_a_number_has_one_block():
    assert block(Fraction(3), 0, 1) == 3
    with pytest.raises(TypeError, match="one coordinate"):
        block(Fraction(3), 0, 2)


def test_methods_say_how_many_blocks_they_need():
    assert RandomCoordinate(d=3).blocks() == 3
    assert GradientDescent().blocks() == 1
