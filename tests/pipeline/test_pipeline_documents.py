"""Strict YAML: what is read, and where and how the rest is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import documents
from workbench.documents import load_yaml
from workbench.model.errors import SpecError


def refused(text):
    with pytest.raises(SpecError) as caught:
        load_yaml(text, "p.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2013-01-15", "2013-01-15"),
        ("1_000", "1_000"),
        ("0777", 777),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("1.20", 1.2),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("'12'", "12"),
        ("true", True),
        ("True", True),
        ("yes", "yes"),
        ("=", "="),
        ("a:b", "a:b"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, data):
    value = load_yaml(f"key: {text}\n", "p.yaml").data["key"]
    assert value == data
    assert type(value) is type(data)


def test_references_and_subscripted_types_need_no_quotes_in_flow_collections():
    text = "a: {day: ${day}, type: list[str], also: 'dict[str, int] | None', path: ${x}/${y}, c: [${z}, b[1]]}"
    assert load_yaml(text, "p.yaml").data == {
        "a": {
            "day": "${day}",
            "type": "list[str]",
            "also": "dict[str, int] | None",
            "path": "${x}/${y}",
            "c": ["${z}", "b[1]"],
        }
    }
    assert load_yaml("{t: dict[str, list[int]] | None, u: 1}", "p.yaml").data == {
        "t": "dict[str, list[int]] | None",
        "u": 1,
    }


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: 2\na: 3\n", "WB-CFG-621", "p.yaml:3:1"),
        ("a: !!python/object:os.system x", "WB-CFG-622", "p.yaml:1:4"),
        ("a: !!int 3", "WB-CFG-622", "p.yaml:1:4"),
        ("!x {a: 1}", "WB-CFG-622", "p.yaml:1:1"),
        ("a: &x 1", "WB-CFG-622", "p.yaml:1:4"),
        ("a: 1\nb: *x", "WB-CFG-622", "p.yaml:2:4"),
        ("<<: {a: 1}", "WB-CFG-622", "p.yaml:1:1"),
        ("1: 2", "WB-CFG-622", "p.yaml:1:1"),
        ("true: 2", "WB-CFG-622", "p.yaml:1:1"),
        ("? [a]\n: 1", "WB-CFG-622", "p.yaml:1:3"),
        ("a:\n\tb: 1", "WB-CFG-620", "p.yaml:2:1"),
        ("a: [1, 2", "WB-CFG-620", "p.yaml:1:9"),
        ("a: 'x\n", "WB-CFG-620", "p.yaml:2:1"),
        ("a: \x00", "WB-CFG-620", "p.yaml:1:4"),
        ("a: 1\n---\nb: 2", "WB-CFG-620", "p.yaml:2:1"),
        ("a: 1\nb: \ue000", "WB-CFG-620", "p.yaml:2:4"),
        ("a: " + "[" * 40 + "]" * 40, "WB-CFG-623", "p.yaml:1:24"),
        ("a: " + "1" * 30, "WB-CFG-625", "p.yaml:1:4"),
    ],
)
def test_faults_are_told_with_their_place(text, code, place):
    error = refused(text)
    assert error.code == code
    assert error.what.startswith(place + ": ")


def test_what_people_often_do_is_called_by_its_name():
    assert refused("a:\n\tb: 1").cause == "a tab stands where YAML wants spaces"
    assert refused("<<: {a: 1}").what.endswith('merge key "<<"')


def test_an_alias_bomb_and_a_huge_file_are_refused_at_once():
    bomb = "a: &a [x, x]\n" + "\n".join(f"b{n}: &b{n} [*a, *a]" for n in range(50))
    assert refused(bomb).code == "WB-CFG-622"
    assert refused("a: '" + "x" * 1_000_001 + "'").code == "WB-CFG-623"
    assert refused("[" * 200_000).code in ("WB-CFG-620", "WB-CFG-623")


def test_a_byte_order_mark_an_empty_file_and_comments_are_accepted():
    assert load_yaml("\ufeffa: 1", "p.yaml").data == {"a": 1}
    assert load_yaml("", "p.yaml").data is None
    assert load_yaml("# nothing\n", "p.yaml").data is None


def test_places_of_values_of_keys_and_of_what_encloses_them():
    document = load_yaml("a:\n  b: [1, 2]\n", "p.yaml")
    assert document.place(("a", "b", 1)) == "p.yaml:2:10"
    assert document.place(("a", "b"), key=True) == "p.yaml:2:3"
    assert document.place(("a", "missing")) == "p.yaml:2:3"


def test_a_section_refuses_unknown_keys_and_wrong_types():
    section = load_yaml("a: {tittle: x, flag: 3, items: {}}\n", "p.yaml").section(("a",))
    with pytest.raises(SpecError, match=r'p\.yaml:1:5: unknown key "tittle".*Did you mean "title"'):
        section.refuse_unknown(("title", "flag"))
    with pytest.raises(SpecError, match=r'p\.yaml:1:22: "flag" must be true or false - found the number 3'):
        section.flag("flag", True)
    with pytest.raises(SpecError, match='"items" must be a list'):
        section.items_at("items")
    with pytest.raises(SpecError, match='"name" is missing'):
        section.text("name")
    with pytest.raises(SpecError, match="expected a mapping here, found the text"):
        section.section("tittle")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        load_yaml(text, "p.yaml")
    except SpecError as error:
        assert error.what.startswith("p.yaml:")


@given(st.text(alphabet="ab:[]{},-*&!|>'\"#%@` \n\t${}", max_size=40))
def test_any_yaml_like_text_is_read_or_refused_with_a_place(text):
    try:
        load_yaml(text, "p.yaml")
    except SpecError as error:
        assert error.what.startswith("p.yaml:")


PIECES = (
    *(" ", "  ", "\n", "\t", ":", ": ", "- ", "[", "]", "{", "}", ",", '"', "'", " #", "|", ">", "&a", "*a", "!t"),
    *("?", "%", "a", "bb", "é", "\\n", "---\n", "0", "1.5", "null", "\r\n", "\ufeff", "\u2028", "${x}", "=", "<<"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join))
def test_both_parsers_read_the_same_and_refuse_the_same_with_the_same_words(text):
    def read():
        try:
            document = load_yaml(text, "p.yaml")
        except SpecError as error:
            return str(error)
        return repr(document.data), document.values, document.keys

    with pytest.MonkeyPatch.context() as patch:
        fast = read()
        patch.setattr(documents, "_FAST", None)
        assert fast == read()
