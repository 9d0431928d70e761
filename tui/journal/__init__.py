"""What we asked for and what came back: an SQLite file that outlives a crash.

An intent is committed before anything is sent; an outcome after. Imports ``model`` only.
"""
