"""The data centre: Telegram's other door, which speaks MTProto. It shares one world with the Bot API server.

Transports and packets are those of the library `mtproto`, types those of `pyrogram.raw`; what is said over them is ours.
pyrogram takes a second to import, so this package is imported when the first client connects.
"""
