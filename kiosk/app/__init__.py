"""The Kivy application: window, touches, and the wiring of the screens to the kiosk."""
