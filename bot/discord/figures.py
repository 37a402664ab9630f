"""Discord's published figures, each with the page it stands on (docs.discord.com/developers/…).

Lengths are counted in UTF-16 units (`split.units`): these are never fewer than code points, so what fits by our count fits
by theirs.
"""

from __future__ import annotations

# Messages: resources/message, and components/reference for those made of components
CONTENT = 2000
TEXTS = 4000
"""Of all text displays of a message together (components/reference, "Text Display"); also of each one."""
COMPONENTS = 40
"""Of a message, nested ones counted."""
ATTACHMENTS = 10
ATTACHED_BYTES = 8 * 1024 * 1024
"""Of all files of a message together. Discord takes 10 MiB where nobody boosts the server (reference, Uploading Files)."""
ATTACHMENT_NAME = 1024
NONCE = 25
WEBHOOK_NAME = 80
"""resources/webhook: username."""

# Components: components/reference
CUSTOM_ID = 100
"""At least 1; no two of a message or a modal are the same."""
ID = 2**31 - 1
"""A component's own number: 32 bits; 0 for one that Discord gives."""
ROW = 5
"""Buttons in an action row; or one select alone."""
BUTTON_LABEL = 80
BUTTON_URL = 512
SELECT_OPTIONS = 25
PLACEHOLDER = 150
OPTION = 100
"""Label, value and description of an option."""
SECTION_TEXTS = 3
GALLERY_ITEMS = 10
DESCRIPTION = 1024
"""Alternative text of a picture, in a gallery, as a thumbnail and of an attachment."""
MEDIA_URL = 2048
COLOUR = 0xFFFFFF

# Modals: interactions/receiving-and-responding and components/reference
MODAL_TITLE = 45
MODAL_COMPONENTS = 5
LABEL = 45
LABEL_DESCRIPTION = 100
INPUT_LENGTH = 4000
INPUT_PLACEHOLDER = 100
FILES = 10
CHECKBOXES = 10
RADIOS = 10
"""At least 2."""

# Application commands: interactions/application-commands
COMMANDS = 100
"""Slash commands of an app."""
CONTEXT_MENUS = 15
"""Of each kind: under a user, under a message."""
COMMAND_NAME = 32
COMMAND_DESCRIPTION = 100
COMMAND_OPTIONS = 25
CHOICES = 25
CHOICE_NAME = 100
CHOICE_VALUE = 100
COMMAND_SIZE = 8000
"""Characters of all names, descriptions and values of a command."""
OPTION_LENGTH = 6000
"""Of what is typed into a text option."""
