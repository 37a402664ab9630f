"""The words the rehearsal model brings along. Each line is true of any request: none claims a fact.

{topic} fits after "about", whatever its number; {person} is who is answered.
"""

from __future__ import annotations

from collections.abc import Mapping

import regex

from integrations.llm.rehearsal.kinds import Lines

ByTone = Mapping[str, Lines]

OPENING: ByTone = {
    "warm": (
        "A few words from me about {topic}.",
        "Something I have been looking forward to sharing: {topic}.",
        "Today I'd love to talk about {topic}.",
        "Close to my heart today: {topic}.",
    ),
    "formal": (
        "Today's subject: {topic}.",
        "A brief note on {topic}.",
        "We would like to draw your attention to {topic}.",
        "A few considered words on {topic}.",
    ),
    "bold": (
        "Stop scrolling for a second: {topic}.",
        "This one is about {topic}. No small talk.",
        "Let's talk about {topic}. Properly.",
        "One thing on my mind, and one only: {topic}.",
    ),
    "plain": (
        "On my mind today: {topic}.",
        "A few words about {topic}.",
        "Worth a minute of your day: {topic}.",
        "Today: {topic}.",
    ),
}
NEWS: ByTone = {
    "warm": (
        "I get to share some news today: {topic}.",
        "Here it is, and I'm happy to show you: {topic}.",
        "News we are glad to share: {topic}.",
    ),
    "formal": (
        "We are pleased to share: {topic}.",
        "An announcement: {topic}.",
        "We would like to present: {topic}.",
    ),
    "bold": ("It's here: {topic}!", "Big day, short message: {topic}.", "Say hello to {topic}!"),
    "plain": ("News: {topic}.", "Here it is: {topic}.", "A short announcement: {topic}."),
}
HERALD: ByTone = {
    "warm": ("", "A little news to share.", "I have something to tell you."),
    "formal": ("", "An update from our side.", "For your information."),
    "bold": ("Heads up!", "Listen up.", ""),
    "plain": ("", "News from our side.", "A short update."),
}
"""Before a statement; the first is what a post gets that is no announcement."""


CLOSING_QUESTION: ByTone = {
    "warm": (
        "What would you like to know first?",
        "How do you see it? I'd love to hear from you.",
        "What comes to your mind first?",
    ),
    "formal": ("What is your view?", "Which aspect matters most to you?", "How do you approach this?"),
    "bold": ("Agree? Disagree?", "So: what's your take?", "What would you do?"),
    "plain": ("What do you think?", "How do you handle this?", "Any questions?"),
}
CLOSING: ByTone = {
    "warm": ("Happy to answer anything you'd like to know.", "Do tell me what you think."),
    "formal": ("Questions and comments are welcome.", "We are glad to answer your questions."),
    "bold": ("Questions? Fire away.", "Tell us what you think."),
    "plain": ("Just ask if anything is unclear.", "Comments are welcome."),
}
FOR_WHOM: Lines = (
    "One for everyone who cares about {audience}.",
    "If you follow {audience}, this is for you.",
    "Especially for those of you who care about {audience}.",
)
FOR_PEOPLE: Lines = ("This one is for {audience}.", "Especially for {audience}.")
MENTION: Lines = ("Not to forget: {what}.", "Worth a mention, too: {what}.", "And one more thing: {what}.")

THREAD_HOOK: Lines = ("A short thread.", "A few thoughts, one by one.", "Let me take it step by step.")
THREAD_MIDDLE: Lines = (
    "Let's start with the people it is for. What changes for them on an ordinary Tuesday? That is the question everything else follows from.",
    "The part that is easy to miss: most of the work is in what you don't see. The best outcome is that nobody has to think about it twice.",
    "A good test is to explain it in one sentence to somebody who hears of it for the first time. Where that gets hard, there is still work to do.",
    "And it's fine not to have every answer on the first day. Say what you know, say what you don't, and keep both up to date.",
)
THREAD_TOPIC: Lines = (
    "I look at it with {audience} in mind, because that is where it shows whether an idea holds up in daily life.",
    "It comes down to {audience} in the end, and that is what I keep coming back to.",
)
THREAD_POINTS: Lines = ("What it comes down to:", "The short list:")
THREAD_LAST: Lines = ("If you take one thing from this thread, take this: {topic}", "In one line: {topic}")
THREAD_LAST_TOPIC: Lines = (
    "That is where I would start with {topic}.",
    "So much for now about {topic}.",
    "More could be said about {topic}; your turn.",
)

ARTICLE: ByTone = {
    "warm": ("A read I can warmly recommend: “{title}”.", "A read worth passing on: “{title}”."),
    "formal": ("Recommended reading: “{title}”.", "We would like to point you to “{title}”."),
    "bold": ("Read this today: “{title}”.", "Drop what you're doing and read “{title}”."),
    "plain": ("Reading tip: “{title}”.", "Worth reading: “{title}”."),
}
ARTICLE_UNNAMED: Lines = ("Reading tip from {host}.", "Worth reading, over at {host}.")
ARTICLE_WHY: Lines = (
    "Have a look and make up your own mind.",
    "One to save for a quiet moment with a cup of coffee.",
    "I'm curious what you take from it.",
)

REPLY_QUESTION: ByTone = {
    "warm": ("Good question, {person}!", "Glad you ask, {person}."),
    "formal": ("Thank you for your question, {person}.",),
    "bold": ("Fair question, {person}.", "Straight answer, {person}."),
    "plain": ("Good question, {person}.",),
}
REPLY_TROUBLE: ByTone = {
    "warm": ("Thank you for telling us so openly, {person}, and sorry for the trouble.",),
    "formal": ("Thank you for letting us know, {person}. We regret the inconvenience.",),
    "bold": ("Thanks for being straight with us, {person}. Sorry about that.",),
    "plain": ("Thanks for telling us, {person}. Sorry about that.",),
}
REPLY_OTHER: ByTone = {
    "warm": ("Thank you so much for this, {person}!", "Lovely to hear from you, {person}."),
    "formal": ("Thank you for your message, {person}.",),
    "bold": ("Appreciate it, {person}!",),
    "plain": ("Thanks, {person}.",),
}
REPLY_TOPIC: Lines = ("This should help: {topic}.", "Here is what I can say: {topic}.")
REPLY_END: ByTone = {
    "warm": ("Just say if you'd like to know more.",),
    "formal": ("We are glad to answer any further questions.",),
    "bold": ("Anything else? Fire away.",),
    "plain": ("Just ask if anything is unclear.",),
}
TROUBLE = regex.compile(
    r"(?i)\b(?:bugs?|broken?|break\w*|crash\w*|slow|hate|disappoint\w*|annoy\w*|fail\w*|doesn'?t work|not working|worse|worst"
    r"|terrible|awful|error|lost|angry|unacceptable|can'?t log in)\b"
)
