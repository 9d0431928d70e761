"""kftui: a trader's desk in a terminal for Kraken Futures.

One way for data: the venue's frames and answers are parsed into ``model`` events by ``client``, merged
into one immutable state by ``service``, and shown by ``screens`` and ``widgets``. One way for acts: a
key becomes a value (an ``OrderRequest``), the ``journal`` commits it, the ``client`` signs and sends it.
"""
