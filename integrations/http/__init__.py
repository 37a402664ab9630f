"""The one door to the outside: whatever address a person or a page names is fetched through here."""
