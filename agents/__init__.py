"""The mind: values, rules, verbs and ports. Imports nothing of ours and reads well with the network unplugged."""
