"""Asking upstream resolvers: transports, and the pool that chooses, fails over and asks equal questions once."""
