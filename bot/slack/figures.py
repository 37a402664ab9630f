"""Slack's published figures, each with the page it stands on (docs.slack.dev/reference unless said otherwise).

Lengths are counted in UTF-16 units (`split.units`): nobody says what Slack's "characters" are, and these are never fewer
than code points, so what fits by our count fits by theirs.
"""

from __future__ import annotations

# Surfaces: block-kit/blocks, views/modal-views, views/home-tab-views
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_SIZE = 250_000
"""methods/views.open: view_too_large, "greater than 250kb". Counted in the bytes of JSON that is escaped to ASCII."""
VIEW_TITLE = 24
VIEW_BUTTON = 24
"""Of a modal's submit and close."""
PRIVATE_METADATA = 3000
CALLBACK_ID = 255
EXTERNAL_ID = 255
MESSAGE_TEXT = 40_000
"""methods/chat.postMessage: longer is truncated."""
MESSAGE_SIZE = 13_200
"""Of all blocks of a message (msg_blocks_too_long).  Not in the reference: measured in slackapi/bolt-js issue 2509
(13,297 characters of one markdown block pass; a divider beside it costs 125 more), nothing better in issue 2867."""
BLOCK_COST = 107
"""What a block costs beside its JSON, so that a divider costs those 125."""

# Composition objects: block-kit/composition-objects/…
TEXT = 3000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
OPTION_URL = 3000
GROUP_LABEL = 75
GROUP_OPTIONS = 100

# Blocks: block-kit/blocks/…
BLOCK_ID = 255
HEADER = 150
SECTION_FIELDS = 10
SECTION_FIELD = 2000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
IMAGE_URL = 3000
IMAGE_ALT = 2000
IMAGE_TITLE = 2000
INPUT_LABEL = 2000
INPUT_HINT = 2000
MARKDOWN = 12_000
"""Of all markdown blocks of a message together."""
LIST_INDENT = 8

# Elements: block-kit/block-elements/…
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
ACCESSIBILITY_LABEL = 75
OVERFLOW_OPTIONS = 5
SELECT_OPTIONS = 100
CHOICES = 10
"""Of checkboxes and of radio buttons."""
PLACEHOLDER = 150
INPUT_LENGTH = 3000
FILES = 10
