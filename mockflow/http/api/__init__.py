"""The API's views, group by group."""
