"""Speech: written text to spoken words, and the synthesiser's process."""
