import pickle

import pytest

from tui.wire.derivatives.signing import ApiSecret, authent, sign_challenge, signed_path

K = ApiSecret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==")
N = "1760000000000"
SEND = "/derivatives/api/v3/sendorder"
BATCH = "/derivatives/api/v3/batchorder"

ORDER = "orderType=lmt&symbol=PF_XBTUSD&side=buy&size=0.5&limitPrice=60000&cliOrdId={}&reduceOnly=false"
CANCEL_JSON = '{"batchOrder":[{"order":"cancel","order_id":"e35d61dd-8a30-4d5f-a574-b5593ef0c050"}]}'
CCXT_JSON = (
    '{"batchOrder":[{"symbol":"PF_XBTUSD","side":"buy","size":"0.5","cliOrdId":"a b","reduceOnly":true,'
    '"orderType":"lmt","limitPrice":"60000","order_tag":0,"order":"send"},{"symbol":"PF_XBTUSD","side":"buy",'
    '"size":"0.5","orderType":"mkt","order_tag":1,"order":"send"}]}'
)

VECTORS = {
    "get without parameters": (
        "",
        N,
        "/derivatives/api/v3/openpositions",
        "aDlGdxfx1H6VJ+r4V+lyA33DmYhW0c2vKYUhpYPIDhun3unfNBPaaVnkKfWrZRN0gRi9p2ytKJU+yekH4uQ67w==",
    ),
    "without a nonce": (
        "",
        "",
        "/derivatives/api/v3/openpositions",
        "E3u8wE1EShugAA76gPLpV/6Grs/HFBAcEtvPdH+LBC2ORHi4Chqj0BjxlHV7ephxDwSgdKrNma99cj21vRAKSQ==",
    ),
    "get with an encoded time": (
        "lastFillTime=2026-01-02T03%3A04%3A05.678Z",
        N,
        "/derivatives/api/v3/fills",
        "yexbaaGWXOkLJX1nKjjpu4Bv3MyJq7TGSCaOqAnQHWSVI5r05lzAPbwhN0xs2STm7zD+GLHQV6glW4lNRWRcQA==",
    ),
    "get with a raw time": (
        "lastFillTime=2026-01-02T03:04:05.678Z",
        N,
        "/derivatives/api/v3/fills",
        "hrTM9p0efr+0lTwDVvVN7CpsMQfHPXtQIN4aa73EotkvpioiNPAID3XyclG8wlQbBfIYoMDFuhWSy0MlGqLEUQ==",
    ),
    "order, percent-encoded": (
        ORDER.format("my%20order%2F1"),
        N,
        SEND,
        "J7sneTkQLi0xr8LHXicgSvx+Kpew95OWf0LgaNU5v1LvRzfs/mt9U2FufDzx9sJqVoNgwk68X+A7ZOQxlkksCQ==",
    ),
    "order, legacy decoded": (
        ORDER.format("my order/1"),
        N,
        SEND,
        "93H3gmTixYRYUADrqJOXyXvK7us4Q81ZqlpTf/SiSdNqdN29I2LvmGqqcbaS/8MO6DB/jcl/GMQ/RTz43d+GUw==",
    ),
    "order, plus for space": (
        ORDER.format("my+order%2F1"),
        N,
        SEND,
        "yI+CNZRUaZe5kp0xt/nzGqi5DifBcRBzeFwoO/ukyM9soDcpZP1QbLbIQr7nxy2ljCb9no1r+xKIqukie1FRKw==",
    ),
    "batch, raw json": (
        "json=" + CANCEL_JSON,
        N,
        BATCH,
        "MeUC+ehdtwcwx13AJkekhesBitq7Ig/SBUm5ulC6QAfyhG5dhlvq9NyR00tfzPYOvEmcpS4PtMjZVitOgYSfYQ==",
    ),
    "batch, encoded json": (
        (
            "json=%7B%22batchOrder%22%3A%5B%7B%22order%22%3A%22cancel%22%2C%22order_id%22%3A%22"
            "e35d61dd-8a30-4d5f-a574-b5593ef0c050%22%7D%5D%7D"
        ),
        N,
        BATCH,
        "DLf61yKA3QK3MOR+DJhRRZ89nP6EG0hMUs4zvMqOoe6SlFjql5a7aliArz+9vAzTcUx7O6EkBBaPO6JggzOZFw==",
    ),
    "history": (
        "since=1700000000000&count=100",
        N,
        "/api/history/v3/executions",
        "dCG09UjcWshokz1FKt8yryiIRqK4l0oBxpbvbMsPsPXDcMhbZS3qsi3KnBu1572rgZp9X5enkx/LNQDGM1VUBQ==",
    ),
    "key check": (
        "",
        N,
        "/api/auth/v1/api-keys/v3/check",
        "kl6byleeLhJxHTGumTOXBOufFHqAfkaLjtVOm9HAwPLBwpaqhSXgi5D5VYIewZ4EClRRMCkV8Dj40Ysga9Myfg==",
    ),
    "ccxt order": (
        "symbol=PF_XBTUSD&side=buy&size=0.5&cliOrdId=my%20id%2F1&orderType=lmt&limitPrice=60000",
        "",
        SEND,
        "SK8Ggg+wnBXTnChm5NM+yB9vFCalBAEuNCSJxDG7zmoRDP0BTHM4oaM+fVVvm0Dc2lhn0BkOJklbLuVuwSfCPA==",
    ),
    "ccxt leverage": (
        "maxLeverage=5&symbol=PF_XBTUSD",
        "",
        "/derivatives/api/v3/leveragepreferences",
        "czdiM4AOPPSU+lO++8MikV5FSIkjjXH7dC7uB9LSFqXWZFeZyVm2T8mWW5A/g65Ah0gSFXMEYQcXojUkIOkC5w==",
    ),
    "ccxt batch": (
        "json=" + CCXT_JSON,
        "",
        BATCH,
        "lzsjJ0mJZ+VmA7krMZYNtOCOPqfX4nb3qTYMMnmGtOfGG4zl3TatKqFg0Gh9F62G1MZM53PUF7q7O1BQ+I7pQw==",
    ),
    "python-kraken-sdk order": (
        "orderType=lmt&side=buy&size=1&symbol=PI_XBTUSD&cliOrdId=my+id%2F1&limitPrice=100&reduceOnly=True",
        "179536292201621280",
        SEND,
        "af3+KGucJiBF/8kDPgQnzZ6fHIFKUdfXfdFFuLQn5Kf3QwhBYkuDos/Fb4xw3RLWTsOfR7+HBJgX/RgeU2OdxA==",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_authent_vectors(name: str) -> None:
    post_data, nonce, path, expected = VECTORS[name]
    assert authent(post_data, nonce, path, K) == expected
    assert authent(post_data.encode(), nonce, path, K) == expected


def test_published_vectors_with_secrets_of_other_lengths() -> None:
    sdk = ApiSecret("cHl0aG9uLWtyYWtlbi1zZGsgdW5pdC10ZXN0IHNlY3JldCB2YWx1ZQ==")
    assert (
        authent("orderType=lmt&symbol=PI_XBTUSD", "1616492376594", SEND, sdk)
        == "Txi+gJVXe3EN1brXYQ46FuV6UVtEVSKhc6dYMhPb7a/HXZLGvO6m9UUg+KVKqhLxrbllOPI7qRkHYmPfJZZSGA=="
    )
    roq = ApiSecret("DuWQ3317vPm8tlOoylWmhfQJwGkKiR+ABuNNocaPxU2DA5H9aZAKkGO0sYBSGKirtdlkm8dL9DAp6husEABgWyOr")
    form = "orderType=lmt&symbol=PI_XBTUSD&side=buy&size=1&limitPrice=44587.5&cliOrdId=123%2B%2F%3D&reduceOnly=false"
    assert (
        authent(form, "1629361663947", SEND, roq)
        == "YU08zbwSTBmsVOSQQh8EPPW6eAZUmqgpRy6t5EmO2j/5aEyX3LTw1G2H+CP0dqUWOhLIFoQAXuZQcK5vU/B/qQ=="
    )


def test_prefix_left_on_gives_the_known_wrong_signature() -> None:
    wrong = "hfmW9ayN1+9LY693odBbUdnkvNEoc92UYvxxAELUtIlKPcQLIzxPukzHyZPghFAUDFiYpEvGIBWduNLnIDDTxg=="
    path = "/derivatives/api/v3/openpositions"
    assert K.sign(b"" + N.encode() + path.encode()) == wrong
    assert authent("", N, path, K) != wrong


def test_only_the_derivatives_prefix_is_stripped() -> None:
    assert signed_path("/derivatives/api/v4/x") == "/api/v4/x"
    assert signed_path("/api/history/v3/orders") == "/api/history/v3/orders"


PUBLISHED = "7zxMEF5p/Z8l2p2U7Ghv6x14Af+Fx+92tPgUdVQ748FOIrEoT9bgT+bTRfXc5pz8na+hL/QdrCVG7bh9KpT0eMTm"
SHORT = "dGVzdF9zZWNyZXRfa2V5XzI0Ynl0ZXMh"


@pytest.mark.parametrize(
    ("challenge", "secret", "expected"),
    [
        (
            "c100b894-1729-464d-ace1-52dbce11db42",
            PUBLISHED,
            "4JEpF3ix66GA2B+ooK128Ift4XQVtc137N9yeg4Kqsn9PI0Kpzbysl9M1IeCEdjg0zl00wkVqcsnG4bmnlMb3A==",
        ),
        (
            "226aee50-88fc-4618-a42a-34f7709570b2",
            PUBLISHED,
            "igp0Ngjcqjp8jXnIFiSeIP/Qt0B03ZwZ3t5opCvH5ktNs70uQtnFDkv9QcocYDuLm/8Vm+U4Y7g1+vXbTZ+Amg==",
        ),
        (
            "00000000-0000-0000-0000-000000000000",
            SHORT,
            "UFoz1geT8wvibitbTF19cm4S0ozCiLU4OPIJWPmaKlUKCKU69in24DSHapgiNxe8BaI0HCJB+04Hd37I2pWN8w==",
        ),
        (
            "test_challenge_string_12345",
            SHORT,
            "Pwrjd2lUHtIXHAUhaoPEf84mR45wHQzjYCdVK6nkMl2mGaBxAqz7Y5eXnplZRSVcOQILjQJz/fuT9ICFUw9BSg==",
        ),
    ],
)
def test_challenge_vectors(challenge: str, secret: str, expected: str) -> None:
    assert sign_challenge(challenge, ApiSecret(secret)) == expected


def test_challenge_vector_of_the_64_byte_secret() -> None:
    assert (
        sign_challenge("5a2d547e-2226-4193-957e-7b19e32cf5b4", K)
        == "GP+PEGbcoRB4134Eucj9kNU1IG72oPne0zJW70b15UBBvXbk8Ndq/Rx3p0UmqtvrfyXTw2/lcb7I7c/sTOQ7UA=="
    )


@pytest.mark.parametrize(
    "mistake",
    [
        "Zd/d+LwVQd8Swvd+gh155u73pfpYMjLsdjZCuEoGZmkIKNP4JvHU5gzDOYl1Z499uOjYjrcajvZLfrfbCEf5Dg==",
        "3n9KVzUcMF7dx4KYCTvrgcm9EoXOQ2l7o3O/3Hyoi9dzzQjEnAxl5QSuAE90B/BKpskkLOqZrLlorXtj1WEqZQ==",
        "Ej1Mjt5yfCgX+pz9nzPiNCfiebIZwazKj+AJ1g9EdTixnOcdYHW9b7y8AIXrSrm4Wk4VjQrctPl+cofDjJ9vuA==",
    ],
)
def test_challenge_is_none_of_the_usual_mistakes(mistake: str) -> None:
    assert sign_challenge("c100b894-1729-464d-ace1-52dbce11db42", ApiSecret(PUBLISHED)) != mistake


def test_secret_shows_nothing_and_is_not_written() -> None:
    canary = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk="
    secret = ApiSecret(canary)
    for text in (repr(secret), str(secret), f"{secret}"):
        assert "anary" not in text
        assert canary not in text
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("bad", ["", "   ", "not base64!", "abc", "Zm9v YmFy"])
def test_secret_must_be_strict_base64_and_the_error_keeps_it(bad: str) -> None:
    with pytest.raises(ValueError, match="API secret") as caught:
        ApiSecret(bad)
    assert not bad.strip() or bad not in str(caught.value)


def test_printed_sample_secret_of_87_characters_is_refused() -> None:
    sample = "rttp4AzwRfYEdQ7R7X8Z/04Y4TZPa97pqCypi3xXxAqftygftnI6H9yGV+OcUOOJeFtZkr8mVwbAndU3Kz4Q+eG"
    with pytest.raises(ValueError, match="API secret"):
        ApiSecret(sample)


def test_surrounding_whitespace_of_a_pasted_secret_does_not_matter() -> None:
    assert ApiSecret(SHORT + "\n") == ApiSecret(SHORT)
