"""What a link leads to: its preview for a card, and whether it still answers."""
