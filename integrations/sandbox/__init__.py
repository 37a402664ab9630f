"""Where everything runs that a model can cause to run: bubblewrap, else Landlock with seccomp, else nothing runs.

docs/decisions/0014-sandbox.md says what each of them keeps away, and what not.
"""
