"""Turns two sources, the stream and REST, into one immutable state, and sends orders safely.

``reduce`` and ``reconcile`` are pure; ``data`` owns the one queue and its one consumer; ``trading`` is
the only road to an order.
"""
