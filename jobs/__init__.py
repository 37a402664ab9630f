"""The second door: what happens later. Nobody imports this; work is queued by dotted name."""
