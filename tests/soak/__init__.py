"""A server under mixed traffic for a long while, by hand: does it keep what it should let go of?"""
