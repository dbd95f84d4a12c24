"""Behaviour: the rules of accounts, users, tasks, projects and tags."""
