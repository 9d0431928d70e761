"""Programs: brackets, OCO and chase, as pure machines over the desk's knowledge, and the one runner that feeds them.

``sight`` reads the ledger, ``linked`` and ``chase`` decide (no I/O, time is given), ``runner`` keeps them in the
journal and sends through the same road as a key. They live in the desk: while it is closed nothing more is placed.
"""
