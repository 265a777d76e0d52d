"""Find by need: which services answer the words that a visitor types."""
