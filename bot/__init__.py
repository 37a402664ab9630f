"""The first door: commands, cards and the surfaces that show them."""
