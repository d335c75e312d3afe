"""Properties of what is told of any value: short lines, and whole numbers only."""

import collections
import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codeact_jupyter.context.digests import describe
from codeact_jupyter.context.literals import head, literal, prose, quoted

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**25, max_value=10**60)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=300)
    | st.text(alphabet="0123456789.,-eE x", min_size=50, max_size=400)
    | st.binary(max_size=300)
    | st.characters(categories=["Cs", "Cc", "Cf"])
    | st.datetimes()
    | st.decimals()
)
hashable = st.none() | st.booleans() | st.integers() | st.text(max_size=100)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=15)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(hashable, inner, max_size=12)
        | st.frozensets(hashable, max_size=12)
        | st.lists(inner, max_size=5).map(collections.deque)
    ),
    max_leaves=30,
)


@MANY
@given(nested)
def test_any_builtin_data_is_one_short_line_that_can_be_sent(value):
    for schema_only in (False, True):
        said = describe("x", value, schema_only=schema_only)
        assert said.isprintable()
        said.encode("utf-8")
        assert len(said) < 2_500
        assert "could not be read" not in said
        assert said == describe("x", value, schema_only=schema_only)


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@MANY
@given(st.text(alphabet="0123456789., abé\n", max_size=500), st.integers(1, 150))
@example("1 234567890", 5)
@example("12.5", 3)
def test_a_cut_text_ends_in_no_piece_of_a_number(text, limit):
    start = head(text, limit)
    assert text.startswith(start)
    assert len(start) <= limit
    whole = {match.span() for match in NUMBER.finditer(text)}
    assert all(m.span() in whole for m in NUMBER.finditer(start))
    shown = quoted(text, limit)
    assert (shown == repr(text)) == (len(text) <= limit)
    assert shown == repr(text) or shown.endswith((f"{len(text)} characters)", "characters>"))


@MANY
@given(st.lists(st.integers() | st.integers(10**20, 10**50) | st.floats(), max_size=40))
def test_numbers_in_a_list_are_whole_or_not_there(values):
    shown = literal(values)
    said = re.sub(r"<[^>]*>|… [\d,]+ more", "", shown).strip("[] ,")
    texts = [text for text in said.split(", ") if text]
    kept = [v for v in values[:10] if not (isinstance(v, int) and abs(v) >= 10**30)]
    assert texts == [repr(v) for v in kept][: len(texts)]
    left_out = re.search(r"… ([\d,]+) more", shown)
    total = shown.count(", ") + 1 if shown != "[]" else 0
    if left_out:
        total += int(left_out[1].replace(",", "")) - 1
        shown_items = shown[: left_out.start()].count(", ")
        assert shown_items + int(left_out[1].replace(",", "")) == len(values)
    else:
        assert len(re.findall(r"<int with \d+ digits>", shown)) + len(texts) == len(values)


def test_prose_states_what_it_leaves_out():
    assert prose("one  two\nthree", 50) == "one two three"
    assert prose("one two three", 9) == "one two … (13 characters)"
