"""The journal of one sandbox: its last requests, which of them match, and a feed of what happens."""

from mockflow.journal.criteria import Criteria
from mockflow.journal.entry import BODY_LIMIT, Entry, Part, entry_id
from mockflow.journal.feed import Feed
from mockflow.journal.journal import Journal
from mockflow.journal.listing import listing
from mockflow.journal.verdict import Verdict, finished, verify, verifying

__all__ = [
    "BODY_LIMIT",
    "Criteria",
    "Entry",
    "Feed",
    "Journal",
    "Part",
    "Verdict",
    "entry_id",
    "finished",
    "listing",
    "verify",
    "verifying",
]
