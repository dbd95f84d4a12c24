"""Start states: seed sets and files, their dates and shapes, and how they are planted."""
