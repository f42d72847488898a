"""A table of layers in its usual form and in a link: nothing of it is lost, whatever stands in it."""

import random
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.core.layer import ConvTranspose
from calculator.networks.builtin import NETWORKS, Network
from calculator.networks.selection import selected_model
from calculator.readers import ReadError
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.link_form import (
    KEYS,
    MAX_LINKED,
    add_layer,
    fits_link,
    read_linked,
    tidy,
    write_linked,
)
from calculator.readers.layer_table.table import COLUMNS, read_table
from tests.fuzz.fuzz_layer_table import cases

ODD = 'type,in,out,name\nLinear,1,2,"~.-_a~-, ""b""; #1"\nlinear,3,"4",#2\nLINEAR,"1,000",6,\n'


def through(table: str) -> str:
    """Return a table as it comes out of a link that a browser has quoted and a server has read."""
    query = parse_qs(urlencode({"table": write_linked(table)}), keep_blank_values=True)
    back, ignored = read_linked(query["table"][0])
    assert ignored == ()
    return back


@pytest.mark.parametrize("one", NETWORKS, ids=lambda one: one.key)
def test_a_network_goes_through_a_link(one: Network) -> None:
    table = tidy(one.table)
    assert through(table) == table == tidy(table)
    assert read_table(table).rows == one.model().rows
    assert fits_link(table)


def test_names_keep_every_sign() -> None:
    table = tidy(ODD)
    assert table == 'name,type,in,out\n"~.-_a~-, ""b""; #1",Linear,1,2\n"#2",Linear,3,4\n,Linear,1000,6\n'
    assert through(table) == table
    assert [row.name for row in read_table(through(table)).rows] == ['~.-_a~-, "b"; #1', "#2", "Linear 3"]


def test_every_cell_has_one_way_to_be_written() -> None:
    ways = (
        "type|in|out|kernel|padding|bias|trainable|size\n---|---|---|---|---|---|---|---\n"
        "CONV2DTRANSPOSE | 1 024 | 2 | 3 × 5 | SAME | False | 1 |",
        "kernel,padding,in,out,bias,trainable,type\n3x5,same,1024,2,no,yes,Conv2DTranspose\n",
    )
    expected = "type,in,out,kernel,padding,bias,trainable\nConv2DTranspose,1024,2,3x5,same,no,yes\n"
    assert [tidy(way) for way in ways] == [expected, expected]
    assert write_linked(expected) == "Conv2DTranspose_in1024_out2_k3x5_psame_bno_tyes"


def test_a_link_in_the_world_keeps_its_meaning() -> None:
    text = (
        "Input_out3_size8x9~ConvTranspose2d_in3_out4_k4x2_s2_p1_op1_d3_g1_bno_tno.up.0~Other_n12~PReLU_out4"
    )
    table, ignored = read_linked(text)
    assert ignored == ()
    assert table == (
        "name,type,in,out,kernel,stride,padding,output_padding,dilation,groups,bias,trainable,count,size\n"
        ",Input,,3,,,,,,,,,,8x9\n"
        "up.0,ConvTranspose2d,3,4,4x2,2,1,1,3,1,no,no,,\n"
        ",Other,,,,,,,,,,,12,\n"
        ",PReLU,,4,,,,,,,,,,\n"
    )
    assert write_linked(table) == text
    assert set(KEYS) | {"name", "type"} == set(COLUMNS)


@pytest.mark.parametrize(
    ("text", "table", "told"),
    [
        ("", "", []),
        ("~", "", ["Row 1 of the table was ignored", "Row 2 of the table was ignored"]),
        (".up", "", ["Row 1 of the table was ignored: it does not begin with a type"]),
        ("PReLU_out4_out5", "type,out\nPReLU,4\n", ["'out5' was ignored: the column is given twice"]),
        (
            "PReLU_o4_out",
            "type,out\nPReLU,\n",
            ["'o4' was ignored: it is not a cell", "'out' was ignored: it is not a cell"],
        ),
        ("<b>x</b>_out4", "", ["Row 1 of the table was ignored"]),
        ("Linear_in2_out3." + "é" * 1_000, "", ["longer than 6,000 characters"]),
    ],
)
def test_what_cannot_be_used_of_a_link_is_told(text: str, table: str, told: list[str]) -> None:
    read, ignored = read_linked(text)
    assert read == table
    assert len(ignored) == len(told)
    assert all(words in sentence for words, sentence in zip(told, ignored, strict=True))


@pytest.mark.parametrize("sign", ["a", "/", "~", "é", "漢", "a b"])
def test_the_longest_table_in_a_link(sign: str) -> None:
    def of(length: int) -> str:
        return f"name,type,in,out\n{sign * length},Linear,2,3\n"

    def length(table: str) -> int:
        return len(urlencode({"": write_linked(table)})) - 1

    spare = next(n for n in range(MAX_LINKED) if length(of(n + 1)) > MAX_LINKED)
    assert fits_link(of(spare))
    assert through(of(spare)) == of(spare)
    assert not fits_link(of(spare + 1))
    assert read_linked(write_linked(of(spare + 1)))[0] == ""


def test_half_a_sign_is_told_and_not_raised() -> None:
    table = "name,type,in,out\n\ud800,Linear,2,3\n"
    assert fits_link(table)
    assert read_linked(write_linked(table)) == (table, ())


LINKED = st.text(alphabet="~._-x0123456789insokpdgbtePReLUConvTrd2#,\"'\n 漢", max_size=60)


@given(st.one_of(LINKED, st.text(max_size=60)))
def test_any_text_in_a_link_stays_what_it_is(text: str) -> None:
    table, _ = read_linked(text)
    assert not table or through(table) == table
    shown = selected_model("vae", table)
    assert shown.own != (shown.problem != "" or not table)


def test_any_table_that_can_be_read_goes_through_a_link() -> None:
    read = 0
    for text in cases(3_000, seed=5):
        try:
            model = read_table(text)
        except ReadError:
            continue
        table = tidy(text)
        assert tidy(table) == table
        if fits_link(table) and "\ud800" not in table:  # Half a sign is in no link.
            assert through(table) == table
        # Names lose space at their ends and twice in a row, nothing else.
        assert [row.parameter_count for row in read_table(table).rows] == [
            row.parameter_count for row in model.rows
        ]
        read += 1
    assert read > 500


def test_layers_are_added_at_the_end() -> None:
    rng = random.Random(3)
    table, layers = "", []
    for _ in range(40):
        rank, groups = rng.choice((1, 2, 3)), rng.choice((1, 1, 2))
        stride = tuple(rng.randint(1, 4) for _ in range(rank))
        layer = ConvTranspose(
            in_channels=groups * rng.randint(1, 40),
            out_channels=groups * rng.randint(1, 40),
            kernel_size=tuple(rng.randint(3, 9) for _ in range(rank)),
            stride=stride,
            padding=rng.randint(0, 1),
            output_padding=tuple(rng.randrange(step) for step in stride),
            dilation=rng.randint(1, 3),
            groups=groups,
            bias=rng.random() < 0.5,
        )
        table = add_layer(table, layer)
        layers.append(layer)
    assert [row.layer for row in read_table(table).rows] == layers
    assert read_table(through(table)).parameter_count == sum(layer.parameter_count for layer in layers)


def test_types_can_stand_in_a_link() -> None:
    assert all(name.isascii() and name.isalnum() for name in TYPES)
