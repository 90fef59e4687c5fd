"""Results kept by content: what was computed once from the same question by the same code is not computed again."""

from certify.store.keys import code_digest, content_key
from certify.store.results import Results, default_folder

__all__ = ["Results", "code_digest", "content_key", "default_folder"]
