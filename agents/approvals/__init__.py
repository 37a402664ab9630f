"""The gate in front of every effect: who must say yes to exactly what."""
