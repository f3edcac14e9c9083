"""What a variable offers, and what of an address's wishes is granted."""

import pytest

from console.boards.document import Current, CustomVariable, QueryVariable, Source
from console.boards.interpolate import ALL
from console.boards.variables import Option, choose, found_options, named_options

OPTIONS = tuple(Option(value, value.upper()) for value in ("a", "b", "c"))


def custom(
    query: str = "", *, multi: bool = True, include_all: bool = True, current: Current | None = None
) -> CustomVariable:
    return CustomVariable(name="x", query=query, multi=multi, include_all=include_all, all_value=".*", current=current)


def test_options_stand_in_a_variable_by_name_with_commas_escaped() -> None:
    assert named_options(custom("Xe máy : motorcycle, car, Quận\\, huyện : zone")) == (
        Option("motorcycle", "Xe máy"),
        Option("car", "car"),
        Option("zone", "Quận, huyện"),
    )


def test_values_of_the_store_come_once_and_by_the_alphabet_where_the_variable_says_so() -> None:
    def offered(sort: int) -> list[str]:
        variable = QueryVariable(name="x", query="", datasource=Source(uid=""), sort=1 if sort else 0)
        return [option.value for option in found_options(variable, ["b", "a", "b"])]

    assert (offered(1), offered(0)) == (["a", "b"], ["b", "a"])


CHOICES = {
    "one": (custom(), ["b"], ("b",), ("b",), ()),
    "several": (custom(), ["c", "a", "c"], ("c", "a"), ("c", "a"), ()),
    "all means each": (custom(), [ALL], (ALL,), ("a", "b", "c"), ()),
    "all beside one is all": (custom(), ["a", ALL], (ALL,), ("a", "b", "c"), ()),
    "nothing is the default": (custom(), None, (ALL,), ("a", "b", "c"), ()),
    "without all the first": (custom(include_all=False), None, ("a",), ("a",), ()),
    "all that is not offered": (custom(include_all=False), [ALL], ("a",), ("a",), (ALL,)),
    "the board's own": (custom(current=Current(value="b")), None, ("b",), ("b",), ()),
    "the board's own that is gone": (custom(current=Current(value=("z",))), None, (ALL,), ("a", "b", "c"), ()),
    "one of a single choice": (custom(multi=False), ["b", "c"], ("b",), ("b",), ()),
    "a value that is not offered": (custom(), ["b", "' OR 1=1"], ("b",), ("b",), ("' OR 1=1",)),
    "no value that is offered": (custom(), [".*"], (ALL,), ("a", "b", "c"), (".*",)),
    "a name instead of a value": (custom(), ["A"], (ALL,), ("a", "b", "c"), ("A",)),
}


@pytest.mark.parametrize(("variable", "asked", "values", "meant", "refused"), CHOICES.values(), ids=CHOICES)
def test_only_what_is_offered_is_chosen(
    variable: CustomVariable,
    asked: list[str] | None,
    values: tuple[str, ...],
    meant: tuple[str, ...],
    refused: tuple[str, ...],
) -> None:
    choice = choose(variable, OPTIONS, asked)
    assert (choice.chosen.values, choice.chosen.meant, choice.refused) == (values, meant, refused)


def test_an_address_of_endless_values_is_cut() -> None:
    assert len(choose(custom(), OPTIONS, [str(number) for number in range(10_000)]).refused) == 200
