"""Find by need: the corpus of queries, the ranking and the index."""
