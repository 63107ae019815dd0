"""Signatures of webhooks: the specification's own example, and what is no secret."""

import base64

import pytest

from kakehashi_common.webhooks.signatures import secret_key, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's


def test_the_signature_is_that_of_the_reference_implementation() -> None:
    """Source: the test vector of the Standard Webhooks libraries."""
    body = b'{"test": 2432232314}'
    assert signed_headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "hunter2",
        SECRET.removeprefix("whsec_"),
        "whsec_",
        "whsec_hunter2",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        SECRET + "!",
    ],
)
def test_what_is_no_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(ValueError, match="write whsec_ and the Base64") as caught:
        secret_key(secret)
    assert "hunter2" not in str(caught.value)
