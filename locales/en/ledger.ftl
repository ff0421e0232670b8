# The ledger: what is written down of the archive in Telegram itself.
check-ledger = ledger channel
found-ledger = { $number ->
    [0] I may post there; nothing is written down yet
    [one] { $number } manifest is written down there
   *[other] { $number } manifests are written down there
}
found-ledger-unset = LEDGER_CHANNEL is not set: if the database is lost, nobody can make it again from Telegram. Make a private channel, make me an admin there who may post and delete, and set its id.
found-ledger-closed = I may not post there. The owner must make me an admin of the ledger channel who may post messages.
found-ledger-rebuilding = A rebuild was begun and not ended: stop Magpie, and call magpie rebuild again.
found-ledger-other-key = It is signed with another key than this Magpie has: copy ledger.key of the machine that began it into this data folder.
found-ledger-key = The key in DATA_DIR/ledger.key cannot be read: put its file back.

lost-posts = ⚠ { $count ->
    [one] A work has posts that are not in the archive any more:
   *[other] { $count } works have posts that are not in the archive any more:
}
    { $titles }{ $more ->
    [0] {""}
   *[other] {""} … and { $more } more
}
    I looked, and nothing else there has the same bytes. Who orders one of them again gets it fetched anew.
