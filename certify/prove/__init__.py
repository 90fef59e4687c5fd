"""The prover: it looks for certificates and is trusted with nothing; the kernel decides."""
