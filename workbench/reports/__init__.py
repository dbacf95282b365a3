"""An executed notebook becomes a page one can trust."""
