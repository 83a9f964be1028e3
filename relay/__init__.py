"""The record outwards: notifications, webhooks, the link between a site and its centre.

Each is a named cursor over the event log. Nothing lives here yet; the room keeps its place in
the table of imports.
"""
