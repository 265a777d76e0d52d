"""Pictures of every screen and slip."""
