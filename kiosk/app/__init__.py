"""The Kivy application: the window, and the way from a touch to the parts behind the screen."""
