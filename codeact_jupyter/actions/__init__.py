"""How a reply is read: one module per action format, all behind `parse_reply`."""
