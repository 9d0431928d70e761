"""The exchange's doors without a socket: a venue on a clock that the test turns, and a client that signs."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import httpx

from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.clients import one_client
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.options import Options
from tui.exchange.venue import Venue
from tui.wire.derivatives.signing import ApiSecret, authent

SECRET = ApiSecret(base64.b64encode(bytes(range(64))).decode())
API_KEY = "paper-key"
START_MS = 1_790_000_000_000
D = "/derivatives/api/v3"
H = "/api/history/v3"
KEY_CHECK = "/api/auth/v1/api-keys/v3/check"
LISTED = Options(seed=7)


@dataclass
class Hands:
    """Two clocks that stand still until they are turned."""

    now_ms: int = START_MS
    steady_s: float = 0.0

    def turn(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)
        self.steady_s += seconds


def still_venue(hands: Hands, options: Options = LISTED) -> Venue:
    """A venue whose crowd does nothing by itself."""
    config = EngineConfig(activity=0.0, warm_start_hours=1)
    engine = Engine(config, options.seed, hands.now_ms)
    credentials = Credentials(API_KEY, SECRET, options.read_only)
    return Venue(
        engine, config, options, one_client(credentials), lambda: hands.now_ms, steady_s=lambda: hands.steady_s
    )


@dataclass
class Answer:
    """``headers`` by lower-case name; ``raw`` keeps the digits that ``body`` may lose."""

    status: int
    body: Any
    raw: bytes
    headers: Mapping[str, str]


@dataclass
class Door:
    """Calls the application in-process; each signed call carries the next nonce."""

    options: Options = LISTED
    hands: Hands = field(default_factory=Hands)
    nonce: int = START_MS
    key: str = API_KEY
    secret: ApiSecret = SECRET

    def __post_init__(self) -> None:
        self.venue = still_venue(self.hands, self.options)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(build(self.venue)), base_url="http://127.0.0.1:1", timeout=5
        )

    @property
    def uid(self) -> str:
        return self.venue.clients[0].uid

    async def public(self, path: str, query: str = "", method: str = "GET") -> Answer:
        return await self._send(method, path, query, b"", {})

    async def get(self, path: str, query: str = "") -> Answer:
        return await self.signed("GET", path, query)

    async def post(self, path: str, **form: object) -> Answer:
        return await self.signed("POST", path, body=urlencode(form).encode())

    async def put(self, path: str, **form: object) -> Answer:
        return await self.signed("PUT", path, body=urlencode(form).encode())

    async def signed(
        self, method: str, path: str, query: str = "", body: bytes = b"", *, nonce: str | None = None
    ) -> Answer:
        if nonce is None:
            self.nonce += 1
            nonce = str(self.nonce)
        headers = {
            "APIKey": self.key,
            "Authent": authent(query.encode() + body, nonce, path, self.secret),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if nonce:
            headers["Nonce"] = nonce
        return await self._send(method, path, query, body, headers)

    async def _send(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> Answer:
        url = httpx.URL(path).copy_with(query=query.encode()) if query else httpx.URL(path)
        response = await self.client.request(method, url, content=body, headers=headers)
        is_json = method != "HEAD" and response.headers["content-type"].startswith("application/json")
        content = json.loads(response.content) if is_json else response.text
        return Answer(response.status_code, content, response.content, response.headers)

    async def order(self, **fields: object) -> dict[str, Any]:
        """``sendStatus`` of one order."""
        answer = await self.post(f"{D}/sendorder", **fields)
        assert answer.body["result"] == "success", answer.body
        status: dict[str, Any] = answer.body["sendStatus"]
        return status

    async def rest_limit(self, **fields: object) -> dict[str, Any]:
        """A limit order far below the market, resting."""
        order = {"orderType": "lmt", "symbol": "PF_XBTUSD", "side": "buy", "size": "0.1", "limitPrice": 60000}
        return await self.order(**{**order, **fields})


def with_options(**changes: Any) -> Options:
    return replace(LISTED, **changes)
