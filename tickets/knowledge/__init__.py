"""The knowledge base: articles in immutable versions, their search, and what a ticket took from them."""
