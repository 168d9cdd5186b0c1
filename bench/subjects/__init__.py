"""The servers under test, one module each: how it is installed, started, watched and stopped. No measuring here."""
