"""The second door to Telegram: MTProto, for what the first does not take.

Everything in here but this page imports pyrogram, which takes long and needs an event loop: it is imported when it is needed.
"""
