from calculator.readers.original_names import is_beside_original


def test_a_buffer_is_one_only_beside_its_original() -> None:
    names = [
        "0.weight_orig",
        "0.weight_u",
        "1.weight_u",
        "1.weight_v",
        "0.bias_orig",
        "0.bias_mask",
        "0.weight",
    ]
    found = [name for name in names if is_beside_original(name, names)]
    assert found == ["0.weight_u", "0.bias_mask"]


def test_the_newer_form_of_the_spectral_norm() -> None:
    weight = "parametrizations.weight"
    names = [f"{weight}.original", f"{weight}.0._u", f"{weight}.0._v", f"{weight}.0.scale"]
    assert [is_beside_original(name, names) for name in names] == [False, True, True, False]
