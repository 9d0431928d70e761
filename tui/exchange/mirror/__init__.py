"""Another venue's public market, mirrored: its contracts, books, trades, tickers and candles.

Pure like the engine it feeds: frames and answers come in from a shell (``tui.exchange.upstream`` for a venue that is
running, ``tui.exchange.rerun`` for a recording of one) and become a market in which paper orders are filled. Only
public data is read; no key is ever needed.
"""
