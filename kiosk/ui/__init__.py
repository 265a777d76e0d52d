"""What every screen needs of Kivy: set-up, frame rate, texts, theme, measures."""
