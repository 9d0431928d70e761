"""The Derivatives dialect: REST v3, history v3, charts v1 and WebSocket v1 of Kraken Futures.

The venue switches this dialect off on 1 March 2027; its successor gets a room beside this one.
"""
