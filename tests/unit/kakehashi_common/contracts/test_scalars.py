import pytest
from pydantic import TypeAdapter, ValidationError

from kakehashi_common.contracts.events import Scalar

SCALAR: TypeAdapter[object] = TypeAdapter(Scalar)


@pytest.mark.parametrize("strict", [True, None])
@pytest.mark.parametrize(
    ("json", "value"),
    [
        ("true", True),
        ("false", False),
        ("1", 1),
        ("0", 0),
        ("1.0", 1.0),
        ("1.5", 1.5),
        ('"1"', "1"),
        ('"true"', "true"),
        ("null", None),
    ],
)
def test_a_scalar_stays_what_json_says(json: str, value: object, *, strict: bool | None) -> None:
    read = SCALAR.validate_json(json, strict=strict)

    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("json", ["[]", "{}", "[1]"])
def test_a_list_or_an_object_is_no_scalar(json: str) -> None:
    with pytest.raises(ValidationError):
        SCALAR.validate_json(json)
