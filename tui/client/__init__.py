"""One venue connection behind one seam (``venue.py``).

The live venue and the paper exchange differ in URLs and keys only. A dialect is one sub-package that implements the
seam; its ``parse`` and ``build`` are the only places where wire and model meet. ``httpx`` and ``websockets`` are
known to one module each.

For scripts there is a public API without the desk: ``KrakenFuturesClient`` in ``tui.client.derivatives.client``, keys
from ``tui.client.credentials.from_environment``, errors from ``tui.model.errors``.
"""
