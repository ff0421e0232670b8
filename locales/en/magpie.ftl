## Numbers and sizes
size-unknown = size unknown
duration-seconds = { $n } s
duration-minutes = { $n } min
duration-hours = { $h } h { $m } min

## Commands, as Telegram's menu shows them
command-start = Say hello
command-help = What I can do
command-search = Search your indexers
command-add = Fetch a link, magnet or .torrent
command-status = What is going on

## Notices
welcome = Hello, <b>{ $name }</b>. I am Magpie: I search, fetch, check, preview and archive what you may share.
    Try <code>/search</code> with a few words, or send me a magnet, a .torrent file or a link.
help =
    <b>What I can do</b>
    /search <i>words</i> — search all indexers; press a number to look inside
    /add <i>link</i> — fetch a magnet or an http(s) link; a .torrent file can simply be sent
    /status — your orders and how they stand
    Magpie is for what you may share. Please respect the rights of others.
claimed = You are the owner now. Welcome, <b>{ $name }</b>.
claim-needed = Nobody owns me yet. Send me the claim code that was printed when I started.
claim-refused = This code is not right, or it was used already.
not-admitted = I only work for my members. Please ask my owner.
not-allowed = This is not yours to press.
search-usage = Tell me what to look for: <code>/search big buck bunny</code>
add-usage = Send me a magnet, an http(s) link or a .torrent file: <code>/add magnet:?xt=…</code>
not-understood = I do not know what to do with this. Send a magnet, a link or a .torrent file, or see /help.
delivered = Delivered.
preview-none = There is no preview of this.
unexpected = Something went wrong that I did not foresee. The log tells more under the code { $code }.

## Search
search-running = 🔎 <b>{ $query }</b> · { $found ->
    [one] { $found } result
   *[other] { $found } results
} · { $answered } of { $asked } { $asked ->
    [one] source
   *[other] sources
} …
search-done = 🔎 <b>{ $query }</b> · { $found ->
    [one] { $found } result
   *[other] { $found } results
} · { $answered } of { $asked } { $asked ->
    [one] source
   *[other] sources
} · { $seconds } s
search-hit = { $number }. { $title }{ $facts }
search-nothing = Nothing found. Try fewer or other words.
search-no-indexers = No indexer is set up yet. The owner can add some with TORZNAB_URLS.
indexer-timed-out = ⚠ { $indexer } did not answer in time
indexer-busy = ⚠ { $indexer } is out of reach or overloaded
indexer-rejected = ⚠ { $indexer } refuses us; its key or limit needs a look
indexer-broken = ⚠ { $indexer } answered something that is not a result

## Files
files-reading = 📄 <b>{ $title }</b>
    Reading the file list …
files-headline = 📄 <b>{ $title }</b> · { $chosen } of { $total } { $total ->
    [one] file
   *[other] files
} · { $size }

## Transfers
transfer-title = <b>{ $title }</b>
transfer-queued = Queued
transfer-paused = ⏸ Paused
transfer-inspecting = Looking at the files …
transfer-previewing = Making previews …
transfer-storing = Putting it into the archive …
transfer-cancelled = ✖ <b>{ $title }</b> was cancelled. Nothing was kept.
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
kept-files = What was fetched is kept for a day; Retry goes on from there.
kept-nothing = Nothing was fetched yet.
kept-on-disk = 💾 { $name } is too large for this way into Telegram. It is kept safe on the disk.
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
step-fetch = Fetch
step-check = Check
step-preview = Preview
step-archive = Archive

## Why something waits
waiting-turn = Queued: others are being fetched first
waiting-disk = Queued: not enough room on the disk right now
waiting-removal = Queued: the same thing is just being removed
waiting-engine = The download engine does not answer. I will go on as soon as it is back.
waiting-telegram = Telegram does not take it right now. I will go on by myself.

## Status
status-empty = You have no orders. /search finds something.
status-headline = <b>Your orders</b>
status-line = { $number }. { $title } — { $state }
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
preview-sheet = { $title } · at a glance
preview-clip = { $title } · a short look
preview-cover = { $title } · cover
preview-waveform = { $title } · how it sounds, drawn

## Buttons
button-number = { $number }
button-previous = ◀
button-next = ▶
button-page = { $page }/{ $pages }
button-retry-sources = Retry slow sources
button-file-wanted = ☑ { $name } · { $size }
button-file-left = ☐ { $name } · { $size }
button-all = All
button-none = None
button-video = Video only
button-start = Start
button-cancel = Cancel
button-cancel-yes = Yes, give it up
button-cancel-no = No, go on
button-pause = Pause
button-resume = Resume
button-retry = Retry
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
magnet-malformed = This magnet link is damaged: there is no valid infohash in it.
magnet-v2-only = This magnet link is of version 2 only, which I do not fetch yet.
torrent-malformed = This .torrent file is damaged or incomplete.
torrent-unsafe-names = This .torrent has file names that are not safe, so I do not touch it.
torrent-too-large = This .torrent file is too large.
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
telegram-refused = Telegram refused: { $reason }
telegram-away = Telegram does not answer.
item-not-deliverable = This is not in the archive.
copy-missing = This is not where it was archived any more.
overdue-choosing = Nobody told me in time what is in it.
overdue-queued = The download engine took too long.
overdue-inspecting = Looking at the files took too long.
overdue-previewing = Making previews took too long.
overdue-storing = Putting it into the archive took too long.
