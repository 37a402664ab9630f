"""The web as personas see it: what search engines find, and what stands on a page."""
