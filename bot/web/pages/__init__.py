"""The console's pages: each takes a `View`, reads, and answers a `Page`. What changes something goes over the socket."""
