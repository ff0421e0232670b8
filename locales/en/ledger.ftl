# The ledger: what is written down of the archive in Telegram itself.
check-ledger = ledger channel
found-ledger = { $number ->
    [0] I may post there; nothing is written down yet
    [one] { $number } manifest is written down there
   *[other] { $number } manifests are written down there
}
found-ledger-unset = LEDGER_CHANNEL is not set: if the database is lost, nobody can make it again from Telegram. Make a private channel, make me an admin there who may post and delete, and set its id.
found-ledger-closed = I may not post there. The owner must make me an admin of the ledger channel who may post messages.
