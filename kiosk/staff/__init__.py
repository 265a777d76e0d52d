"""What staff decide at the machine, kept in the state folder: PIN, pauses, log of actions."""
