## What of a channel is wanted
grab-too-long = “{ $part }” is too long: { $most } characters at most.
grab-unreadable = There are control characters in “{ $part }”, which nobody sees. Type it anew.
grab-quotes = The quotes in “{ $part }” do not match. They go around whole words, one in front and one behind.
grab-slashes = “{ $part }” begins like a pattern but does not end like one: it goes between two slashes. For words that begin with a slash, put quotes around them.
grab-empty = There is nothing to look for in “{ $part }”.
grab-unknown = “{ $part }” looks like a filter, but I know only { $names }. If you mean the words, put quotes around them.
grab-kind = “{ $part }” is no kind. There are { $names }.
grab-misread = I cannot read “{ $part }”. Write it like { $example }. If you mean the words, put quotes around them.
grab-twice = “{ $part }”: only one of these, please.
grab-nothing = “{ $part }”: nothing can be like that.
grab-timeless = “{ $part }”: photos and documents have no duration.
grab-usage = Tell me which channel, and what of it: <code>/grab @name kind:audio duration&gt;3m limit:10</code>. Filters are kind, duration, size, after, before and limit; words must stand in what is written there, and a pattern goes between two slashes.
grab-headline = 🧺 <b>{ $title }</b>
grab-wish = Wanted: { $wish }
grab-looking = I am looking through the newest posts…
grab-found = { $matching } of the newest { $looked } files match.
grab-found-in-all = { $matching } of { $looked } files match.
grab-found-limit = { $matching ->
    [one] The newest file that matches is wanted.
   *[other] The newest { $matching } files that match are wanted.
}
grab-left-out = { $known ->
    [one] One of them stays out: it is archived already, or posted twice.
   *[other] { $known } of them stay out: they are archived already, or posted twice.
}
grab-coming = { $coming } would come, { $size }:
grab-more = Older ones that match come, too.
grab-example = · { $name }
grab-running = I am archiving them, the newest first.
grab-paused = Paused. What is ordered goes on.
grab-done = Done.
grab-stopped = Stopped. What was ordered goes on.
grab-failed = That did not work out.
grab-archived = { $archived } archived, { $under-way } under way
grab-known = { $known } had been archived before
grab-failures = { $failed } failed: /status shows why
grab-waits = ⏳ { $why }
grab-disk = There is not enough room on the disk. It goes on by itself when there is.
grab-no-channel = This is no channel. Write it like @name or t.me/name, with what you want of it behind.
folder-busy = Somebody else is filling this folder at this moment.
