"""Processes: the assemblies of a service, the token issuer and the codec server."""
