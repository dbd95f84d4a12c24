"""The journal of one sandbox: its last requests, and a feed of what happens.

Which of them match, and what they come to, is in `criteria`, `verdict`, `listing`, `coach` and `har`, which are
imported by whoever asks.
"""

from mockflow.journal.entry import BODY_LIMIT, Entry, Part, entry_id
from mockflow.journal.feed import Feed
from mockflow.journal.journal import Journal

__all__ = ["BODY_LIMIT", "Entry", "Feed", "Journal", "Part", "entry_id"]
