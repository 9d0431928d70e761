"""What the trader looks at, one file a screen, and the modals above them (ticket, confirm, help)."""
