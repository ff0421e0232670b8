## Numbers and sizes
size-unknown = size unknown
duration-seconds = { $n } s
duration-minutes = { $n } min
duration-hours = { $h } h { $m } min

## Commands, as Telegram's menu shows them
command-start = Say hello
command-help = What I can do
command-search = Search your indexers
command-library = Find what was archived
command-tag = Put tags on a work
command-collections = Series, albums and collections
command-collect = Put a work into a collection
command-add = Fetch a link, magnet, .torrent or file
command-grab = Archive what a channel holds
command-intake = Take in a channel that is full already
command-files = Choose files by a pattern
command-status = What is going on
command-settings = Language, results, silent hours
command-health = What is set up, and a test of it

## Notices
welcome = Hello, <b>{ $name }</b>. I am Magpie: I search, fetch, check, preview and archive what you may share.
    Try <code>/search</code> with a few words, or send me a magnet, a link or a file.
help-headline = <b>What I can do</b>
help-as-owner = You own me: everything here is yours to use and to look after; /status shows the orders of all.
help-as-admin = You are an admin: you may also see and steer the orders of others; /status shows them.
help-as-member = You are a member.
help-as-guest = You are a guest, for as long as my owner keeps the door open.
help-search = /search <i>words</i> — search all indexers; press a number to look inside. Alone it brings your last search back; <code>~1080p</code> keeps only titles with that pattern
help-library = /library <i>words</i> — find what was archived, and get it with one press; alone it lists the newest. Filters: <code>kind:audio artist:davis year:1950s #jazz -live</code>
help-tag = /tag <i>#jazz -live</i> — put tags on a work you looked at in the library, or take them off
help-collections = /collections <i>words</i> — series, albums, and what was put together by hand
help-collect = /collect <i>name</i> — put a work you looked at in the library into a collection of yours, or with <code>-name</code> take it out
help-add = /add <i>link</i> — fetch a magnet, an http(s) link or a message's file (<code>t.me/name/123</code>); files can simply be sent or forwarded
help-grab = /grab <i>@channel kind:audio limit:10</i> — archive what a channel holds, with filters
help-intake = /intake <i>@channel</i> — make everything in a channel findable for members, where it stands
help-files = /files <i>*.mkv</i> — choose the files of an order by their names; without a pattern, show them again
help-status = /status — your orders and how they stand
help-settings = /settings — language, where results go, previews, silent hours
help-health = /health — what is set up, what is missing, and a test of each
help-footer = Magpie is for what you may share. Please respect the rights of others.
claimed = You are the owner now. Welcome, <b>{ $name }</b>.
claim-needed = Nobody owns me yet. Send me the claim code that was printed when I started.
claim-refused = This code is not right, or it was used already.
not-admitted = I only work for my members. Please ask my owner.
not-allowed = This is not yours to press.
search-usage = Tell me what to look for: <code>/search big buck bunny</code>
add-usage = Send me a magnet, an http(s) link, a link to a message or a file: <code>/add magnet:?xt=…</code>
not-understood = I do not know what to do with this. Send a magnet, a link, a .torrent file or another file, or see /help.
add-rejected = ⚠ Not ordered: { $what }
    { $why }
add-too-many = I took the first { $limit } links. { $left ->
    [one] One more is
   *[other] { $left } more are
} left: please send { $left ->
    [one] it
   *[other] them
} again.
chat-moved = This group has just moved. Please ask again there.
not-of-group = This was ordered in a group that you are not a member of.
delivered = Delivered.
delivered-in-part = Some of it is not in the archive any more.
preview-none = There is no preview of this.
unexpected = Something went wrong that I did not foresee.
error-code = Code { $code } · my log explains it
not-allowed-here = That takes more rights than you have here. /help says what you can do.
refused-by-telegram = Telegram refuses this. Nothing was changed and your orders are kept. Send it once more; if it stays so, tell my owner the code { $code }: my log explains it.
unexpected-here = That went wrong in a way I did not foresee. Your orders are kept. Try it once more; if it stays so, tell my owner the code { $code }: my log explains it.
unknown-command = I do not know the command { $command }. /help says what I can do.

## What is set up
setup-headline = 🩺 <b>What is set up</b>
setup-line = { $mark } <b>{ $part }</b>: { $words }
setup-how = What is missing is set in the environment or in .env; the README names every setting. Then start me again.
health-in-private = That is between us: ask me in our private chat.
check-telegram = Telegram
check-groups = groups
check-large = large files
check-user = your account
check-owner = owner
check-archive = archive channel
check-database = database
check-disk = disk
check-ffmpeg = ffmpeg
check-engine = downloader { $name }
check-engines = more downloaders
check-indexer = indexer { $name }
check-indexers = indexers of your own
check-message = Magpie tests whether it may post here. This message goes at once; if you still see it, it may be deleted.
found-untested = set up, not tested yet
found-running = being tested …
found-no-answer = no answer in time
found-set = set
found-telegram = @{ $username }
found-telegram-unset = BOT_TOKEN is not set: the bot would run in the simulator
found-telegram-silent = { $address } does not answer
found-telegram-refused = the token is refused: { $reason }
found-groups = privacy mode is off: mentions and .torrent files reach me there
found-groups-private = privacy mode is on, so .torrent files do not reach me there, and mentions not surely. To change that, send /setprivacy to @BotFather, choose Disable and add me to the group again; or make me an admin there.
found-large = @{ $username }, up to 2000 MB
found-large-unset = API_ID and API_HASH are not set: what Telegram's Bot API does not take stays on the disk
found-large-simulated = in the simulator up to 2000 MB; on Telegram with API_ID and API_HASH
found-large-refused = Telegram does not let me in: { $reason }
found-user = signed in as { $name }
found-user-premium = signed in as { $name }, with Telegram Premium
found-user-limited = signed in as { $name }, but Telegram lets this account send nothing for now ({ $reason }); I try again after an hour
found-user-unset = USER_SESSION is not set: I go into Telegram as a bot only. magpie login makes one.
found-user-in-use = another Magpie uses this session at this moment; I wait until it ends
found-user-lost = Telegram does not take this session any more: { $reason }. magpie login makes a new one.
found-user-running = the Magpie that runs here uses it; /health says how it is
found-owner-unset = OWNER_ID is not set: a claim code is printed at start
found-owner-simulated = in the simulator its first person is the owner; on Telegram OWNER_ID names one
found-archive = a silent message could be posted and deleted
found-archive-stays = I may post there, but not delete. Let me delete messages there; the test message is still there.
found-archive-unset = ARCHIVE_CHANNEL is not set: posts go to the chat of whoever orders. Make a channel, make me an admin there who may post, and set its id.
found-archive-simulated = in the simulator its channel takes what is ordered; on Telegram ARCHIVE_CHANNEL names one
found-database = MongoDB { $version }
found-database-embedded = embedded, nothing to set; MONGODB_URL names a real MongoDB
found-database-away = it does not answer
found-disk = { $free } free
found-disk-low = only { $free } free: make room, or set DATA_DIR to another disk
found-ffmpeg = is there
found-engine = version { $version }
found-engine-embedded = always there; the choice is DOWNLOADER={ $choice }
found-engine-trouble = something is wrong with it; the log tells more
found-engines-unset = QBITTORRENT_URL and ARIA2_URL are not set: the embedded one does it all
found-indexer = answers as { $title }
found-indexers-unset = TORZNAB_URLS is not set: Prowlarr or Jackett can be searched, too
button-test = Test { $part }
button-test-all = Test all

## What becomes of the accounts that Telegram lets in
account-user-lost = ⚠️ <b>Telegram does not let me in as you any more</b>: { $reason }
    What only your account sees or may send has to wait; files that are too large for the bot come in parts.
    Run <code>magpie login</code>, set <code>USER_SESSION</code> to what it prints, and start me again.
account-user-back = ✅ Telegram lets me in as you again.
account-bot-lost = ⚠️ <b>Telegram does not let the bot in for large files any more</b>: { $reason }
    They are kept on the disk. Look at <code>BOT_TOKEN</code>, <code>API_ID</code> and <code>API_HASH</code>, and start me again. I try on meanwhile.
account-bot-back = ✅ Telegram lets the bot in for large files again.

## Settings of a member
language-name = English
settings-headline = ⚙️ <b>Your settings</b>
settings-language-telegram = 🗣 Language: { $language }, following your Telegram
settings-language-chosen = 🗣 Language: { $language }
settings-results-archive = 📬 Results: kept in the archive; the card brings a link and [Get it here]
settings-results-chat = 📬 Results: kept in the archive, and sent to this chat when they are done
settings-previews-off = 🖼 Previews: stay in the archive
settings-previews-on = 🖼 Previews: come along with what I deliver
settings-silent-off = 🔔 Silent hours: none
settings-silent = 🔕 Silent hours: from { $start } to { $end }; what I send then makes no sound
settings-zone = 🌍 Time zone: { $zone }
settings-ask-language = 🗣 Which language shall I speak with you?
settings-ask-silent-from = 🔕 From when on shall my messages make no sound?
settings-ask-silent-to = 🔕 Silent from { $start }. Until when?
settings-ask-zone = 🌍 Which offset from UTC does your clock have now? Where the clocks change in summer, it changes, too.
button-language = Language
button-as-telegram = As in Telegram
button-results-chat = Send results to this chat
button-results-archive = Keep results in the archive only
button-previews-on = Bring previews along
button-previews-off = Leave previews in the archive
button-silent = Silent hours
button-always-sound = No silent hours
button-zone = Time zone
button-back = Back

## Files
files-reading = 📄 <b>{ $title }</b>
    Reading the file list …
files-headline = 📄 <b>{ $title }</b> · { $chosen } of { $total } { $total ->
    [one] file
   *[other] files
} · { $size }
files-parts = { $count ->
    [one] 1 part
   *[other] { $count } parts
}
files-oversized = 💾 { $count ->
    [one] One chosen file is larger than the { $limit } that Telegram takes from me. It stays on the disk for now.
   *[other] { $count } chosen files are larger than the { $limit } that Telegram takes from me. They stay on the disk for now.
}
files-way = 📂 In { $way }
files-ask-pattern =
    🔤 <b>Which files?</b> Send me a part of their names, or a pattern, in a group as an answer to this message.
    <code>*.mkv</code> — all that end so
    <code>S01*</code> — all that begin so
    <code>*1080p*</code> — all with this in their names
    <code>Season 1/*</code> — all in this folder
    Those files and no others will be chosen; capitals do not matter.
files-none = There is no order here whose files you could choose.
disk-ok = disk OK, { $free } free
disk-missing = ⚠ { $missing } more room needed on the disk, { $free } free
glob-nothing = No file is called { $pattern }. What was chosen stays chosen.
glob-too-long = This pattern is too long: at most { $limit } characters, please.
glob-too-slow = This pattern takes too long: { $pattern }. A simpler one will do.

## Transfers
transfer-title = <b>{ $title }</b>
transfer-queued = Queued
transfer-paused = ⏸ Paused
transfer-inspecting = Looking at the files …
transfer-previewing = Making previews …
transfer-storing = Putting it into the archive …
transfer-sending = Putting it into the archive: { $name }
transfer-cancelled = ✖ <b>{ $title }</b> was cancelled. Nothing was kept.
expired-choosing = ✖ Nobody started <b>{ $title }</b> for a day, so I gave it up. Nothing was kept.
expired-failed = ✖ <b>{ $title }</b> did not work out and nobody retried it for a day, so I gave it up. Nothing is kept any more.
transfer-ask-cancel = Really give up <b>{ $title }</b>? What was fetched so far will be removed.
transfer-failed = ⚠ <b>{ $title }</b> did not work out.
transfer-done = ✅ <b>{ $title }</b> is in the archive.
transfer-details = { $files ->
    [one] { $files } file
   *[other] { $files } files
} · { $size } · { $peers ->
    [one] { $peers } peer
   *[other] { $peers } peers
}, { $seeds ->
    [one] { $seeds } seed
   *[other] { $seeds } seeds
}
transfer-details-link = { $files ->
    [one] { $files } file
   *[other] { $files } files
} · { $size }
kept-files = What was fetched is kept for a day; Retry goes on from there.
kept-nothing = Nothing was fetched yet.
kept-on-disk = 💾 { $name } is too large for this way into Telegram. It is kept safe on the disk.
left-out = ∅ { $name } is empty, so there was nothing to archive.
misnamed = ⚠ { $name } is not what its name says: { $kind ->
    [video] it is kept as a film.
    [audio] it is kept as sound.
    [image] it is kept as a picture.
   *[other] it is kept as a document.
}
misnamed-more = ⚠ { $count ->
    [one] One more file is not what its name says.
   *[other] { $count } more files are not what their names say.
}
left-packed = 📦 { $name } was left as it is: { $why }
left-packed-more = 📦 { $count ->
    [one] One more archive was left as it is.
   *[other] { $count } more archives were left as they are.
}
left-out-more = ∅ { $count ->
    [one] One more file is empty.
   *[other] { $count } more files are empty.
}
kept-on-disk-more = 💾 { $count ->
    [one] One more file is kept on the disk.
   *[other] { $count } more files are kept on the disk.
}
previews-missed = { $count ->
    [one] Not every preview of one file could be made.
   *[other] Not every preview of { $count } files could be made.
}
progress = { $bar } { $percent } % · { $rate }/s · { $left } left
progress-slow = { $bar } { $percent } %
progress-stalled = { $bar } { $percent } % · waiting for somebody who has it ({ $peers ->
    [one] { $peers } peer
   *[other] { $peers } peers
})
progress-unknown = { $done } · { $rate }/s
progress-no-metadata = Waiting for somebody who knows what is in it
progress-no-peers = { $bar } { $percent } % · nobody who has it is there right now
progress-swarm = ▲{ $seeds } of { $peers }
progress-link-stalled = { $so-far } · the server behind this link sends nothing right now
progress-link-silent = { $so-far } · the server behind this link does not answer right now
dead-link-silent = The server behind this link did not answer for hours.
dead-link-stalled = The server behind this link sent nothing for hours.
dead-no-metadata = Nobody who knows what is in this torrent answered for hours.
dead-no-peers = Nobody who has this torrent was there for hours.
dead-stalled = Those who have this torrent gave nothing for hours.
step-fetch = Fetch
step-check = Check
step-preview = Preview
step-archive = Archive

## Why something waits
waiting-turn = Queued: position { $position }{ $minutes ->
    [0] { "" }
   *[other] , about { $minutes } min
}
waiting-disk = Queued: it needs { $needed } on the disk, and { $free } are free right now
waiting-behind = Queued: position { $position }. An order before it has waited long for room on the disk: nobody passes it any more
waiting-removal = Queued: the same thing is just being removed
waiting-same = The same is just being put into the archive for somebody else
waiting-engine = The download engine does not answer. I will go on as soon as it is back.
waiting-telegram = Telegram does not take it right now. I will go on by myself.

## Status
status-empty = You have no orders. /search finds something.
status-headline = <b>Your orders</b>
status-line = { $number }. { $title } — { $state }
status-others = <b>Orders of others</b>
status-orderer = for { $member }
state-choosing = choosing
state-queued = queued
state-fetching = fetching
state-inspecting = being checked
state-previewing = being previewed
state-storing = being archived
state-done = done
state-paused = paused
state-failed = failed
state-cancelled = cancelled

## Posts
post-caption = <b>{ $title }</b>{ $has-credit ->
    [yes] { " — " }{ $credit }
   *[no] { "" }
}
    { $details }
    #{ $tag }
post-piece = 🧩 Part { $number } of { $count }
pieces-join = 🧩 <b>{ $name }</b> comes in { $count } parts. Save them in one folder; there, put them together:
    Linux, macOS: <code>{ $unix }</code>
    Windows: <code>{ $windows }</code>
    What comes of it has this BLAKE3, which <code>b3sum</code> shows:
    <code>{ $blake3 }</code>
pieces-play = 🎞 <b>{ $name }</b> comes in { $count } parts that play one after the other.
preview-poster = { $title } · as a photo
preview-sheet = { $title } · at a glance
preview-clip = { $title } · a short look
preview-cover = { $title } · cover
preview-waveform = { $title } · how it sounds, drawn

## Buttons
button-number = { $number }
button-previous = ◀
button-next = ▶
button-page = { $page }/{ $pages }
button-file-wanted = ☑ { $name } · { $size }
button-file-left = ☐ { $name } · { $size }
button-all = All
button-none = None
button-video = Video only
button-pattern = Pattern …
button-folder = 📁 { $name }
button-folder-all = ☑ { $chosen }/{ $total } · { $size }
button-folder-some = ◪ { $chosen }/{ $total } · { $size }
button-folder-none = ☐ { $chosen }/{ $total } · { $size }
button-up = ⬆
button-unpack-wanted = ☑ Unpack archives ({ $count })
button-unpack-left = ☐ Unpack archives ({ $count })
button-start = Start
button-cancel = Cancel
button-cancel-yes = Yes, give it up
button-cancel-no = No, go on
button-pause = Pause
button-resume = Resume
button-retry = Retry
button-stop = Stop
button-other-source = Other source
button-to-front = To the front
no-other-source = There is no other source left in that search.
button-discard = Discard
button-details = Details
button-less = Less
button-open-post = Open the post
button-get-here = Get it here
button-get = Get
button-preview = Preview
button-stale = This button is too old. Please use the newest message.
nothing-chosen = Choose at least one file.

## Sources that cannot be fetched
source-empty = There is no file in it.
files-empty = The chosen files are empty, so there is nothing to archive.
magnet-malformed = This magnet link is damaged: there is no valid infohash in it.
magnet-v2-only = This magnet link is of version 2 only, which I do not fetch yet.
torrent-malformed = This .torrent file is damaged or incomplete.
torrent-unsafe-names = This .torrent has file names that are not safe, so I do not touch it.
torrent-too-large = This .torrent file is too large.
torrent-too-many-files = There are more than 20,000 files in this torrent, and that is more than I can handle.
torrent-same-names = Two files in this .torrent have the same name, or differ only in upper and lower case. They could not lie side by side on every disk, so I do not touch it.
torrent-v2-only = This torrent is of version 2 only, which I do not fetch yet.
link-malformed = This is not a link I can fetch: it must begin with http:// or https://.
link-private = This link points into a private network, and I do not go there.
link-redirects = This link leads in circles.
link-unreachable = The server behind this link does not answer.
link-status = The server behind this link answers with an error instead of the file.
link-lied = The server sent something else than it had announced, so I stopped.
link-changed = What stands behind this link has changed meanwhile. Retry begins afresh.
link-short = The server broke off in the middle. Retry goes on from there.
link-slow = The server has sent next to nothing for too long.
link-too-large = What stands behind this link is larger than I may fetch.
link-endless = The server did not say how much it would send, and did not stop when I had no more room for it.
link-empty = There is nothing behind this link: the file is empty.
message-gone = There is no such message, or no file in it any more.
message-closed = I may not read that chat. My owner can add me to it, or sign in with an account that is in it.
message-refused = Telegram does not give me this file.
message-no-door = For this my owner has to set API_ID and API_HASH: without them Telegram gives me small files only, and only those that are sent to me.
message-no-account = Telegram shows what a channel held to people only: for this my owner has to sign in with magpie login, and set USER_SESSION.
message-malformed = This does not lead to a message.
archive-unknown = This is neither a zip nor a 7z archive, so I did not extract it.
archive-split = This archive is split into several files. I do not extract such ones.
archive-encrypted = This archive has a password, so I did not extract it.
archive-damaged = This archive is damaged or incomplete, so I did not extract it.
archive-unsupported = This archive is packed in a way that I cannot unpack.
archive-unsafe = This archive has names or links in it that are not safe, so I did not extract it.
archive-empty = There is no file in this archive.
archive-bomb = Extracted this archive would be far larger than an honest one, so I did not.
archive-too-many-files = There are more files in this archive than I may extract.
archive-too-hard = Extracting this archive takes too much time or memory, so I gave up.
archive-no-room = There is not enough room on the disk to extract this archive.
file-too-large = This file is larger than what Telegram lets me read ({ $limit }).
no-such-file = A chosen file is not in this torrent.
no-metadata = Nobody who has this torrent answered, so its file list is not known.
files-gone = The fetched files are not where they were. Retry fetches them again.
disk-too-small = It would not fit on the disk.
disk-full = The disk is full.
disk-error = The disk could not be written.
disk-unwritable = The download engine cannot write into its folder.
media-unreadable = { $name } cannot be read from the disk.
preview-failed = No preview of { $name } could be made.
ffmpeg-missing = There is no ffmpeg here, so there are no previews.
file-changed = { $name } changed or went away while it was being archived. Retry begins anew with what is there.
file-damaged = What Telegram gives of this file is not what was put there. Another copy, or the source, still has it.
account-lost = Telegram does not let me in through the door for large files. My owner sees it with /health.
store-too-large = This is too large for where it should be kept.
schema-too-new = The database was written by a newer Magpie (schema { $found }, this one knows { $known }): please update.
engine-error = The download engine gave up.
engine-unreachable = The download engine { $engine } does not answer.
engine-refused = The download engine { $engine } does not let me in. The owner must check its password.
engine-wrong-password = The download engine { $engine } refuses the user name or password. The owner must check them.
engine-wrong-secret = The download engine { $engine } refuses the secret. The owner must check it.
engine-banned = The download engine { $engine } has locked me out for a while, after wrong passwords. The owner must check them.
engine-answers-nonsense = The download engine { $engine } answers something I do not understand.
engine-paths-differ = The download engine { $engine } keeps its files where I do not see them. The owner must check the path mapping.
engine-too-old = This version of the download engine { $engine } is too old for me.
engine-cannot = The download engine { $engine } cannot fetch this.
interface-gone = The network interface for torrents is gone. The owner must bring it back.
engine-has-foreign = { $engine } has this torrent already, and it is not mine to touch.
channel-closed = I may not write into the archive channel any more. The owner must make me an admin there.
channel-removed = I was removed from the archive channel. The owner must make me an admin there who may post messages; then Retry goes on.
channel-not-admin = I am not an admin of the archive channel any more. The owner must make me one who may post messages; then Retry goes on.
channel-may-not-post = I have lost the right to post messages in the archive channel. The owner must give it back; then Retry goes on.
chat-closed = I may not write into the chat where this belongs. Unblock me, or let me in again; then Retry goes on.
lost-in-channel = ⚠ In <b>{ $chat }</b>: { $why }
regained-in-channel = ✅ I may post in <b>{ $chat }</b> again. What had failed there goes on with Retry.
lost-group = I was removed from the group <b>{ $chat }</b>. Orders made there go on; their cards do not change any more.
telegram-refused = Telegram does not take this. Why is in my log.
telegram-away = Telegram does not answer.
item-not-deliverable = This is not in the archive.
copy-missing = This is not where it was archived any more.
overdue-choosing = Nobody told me in time what is in it.
overdue-queued = The download engine took too long.
overdue-inspecting = Looking at the files took too long.
overdue-previewing = Making previews took too long.
overdue-storing = Putting it into the archive took too long.
