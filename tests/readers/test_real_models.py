"""Files and texts that real libraries wrote, read and compared with the libraries' own counts.

``make oracle-models ARGS=--record`` writes the recordings, and compares many more models.
"""

import pytest

from tests.helpers.paths import MODELS_RECORDED
from tests.helpers.real_models import differences, recorded, recorded_groups

GROUPS = (
    *("keras_files", "library_prints", "paddle_tables", "profiles", "tables", "tf_keras_files", "tfjs_files"),
    *("torch_files", "torch_summary_tables", "training_prints"),
)
TOOLS = (
    *("whole module", "old serialisation", "TorchScript", ".weights.h5", "torchinfo", "torchsummary"),
    *("fastai", "modelsummary", "PEFT", "DeepSpeed", "Weaver", "mmengine", "calflops", "TensorFlow.js 1"),
    *("torch-summary", "Paddle", "own recurrent model, .h5"),
)


@pytest.mark.parametrize("group", GROUPS)
def test_every_total_is_that_of_the_library(group: str) -> None:
    versions, models = recorded(group)
    assert len({model.name for model in models}) == len(models)
    compared = [failure for model in models for failure in differences(model)]
    assert [failure for failure in compared if failure] == []
    assert len(compared) > len(models) > 5
    assert all(versions.values())


def test_the_recordings_are_small_and_all_of_them_are_tested() -> None:
    assert tuple(recorded_groups()) == GROUPS
    assert sum(path.stat().st_size for path in MODELS_RECORDED.iterdir()) < 1_500_000


def test_the_recorded_models_are_a_mix() -> None:
    models = [model for group in GROUPS for model in recorded(group)[1]]
    assert len(models) > 400
    assert sum(bool(model.transposed) for model in models) > 250
    assert sum(isinstance(model.data, bytes) for model in models) > 90
    assert sum(model.rows is not None for model in models) > 150
    for words in TOOLS:
        assert any(words in model.name for model in models), words
