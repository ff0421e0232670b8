## Feeds: addresses and searches that fetch by themselves
command-feed = Fetch by itself what is new
command-feeds = Your feeds
help-feed = /feed <i>https://…/rss</i> or <i>search words</i> — fetch by itself what is new there. Behind it goes what of that you want: <code>1080p -cam size&lt;2g ~pattern</code>
help-feeds = /feeds — your feeds, to pause, filter or delete them
feed-usage = Tell me what to look at: <code>/feed https://example.org/rss</code>, or <code>/feed search big buck bunny</code>. What is new there I fetch by myself.
feed-none = This is neither an address (https://…) nor a search (search and the words). /feed alone says how it goes.
feed-too-many = You have { $most } feeds, and that is as many as one may have. Delete one of them first: /feeds
feeds-none = You have no feeds. <code>/feed https://example.org/rss</code> or <code>/feed search big buck bunny</code> makes one: what is new there I fetch by myself.
feeds-headline = 📡 <b>Your feeds</b>
feeds-line = { $number }. { $name } — { $how }
feeds-beginning = I am looking at it for the first time
feeds-running = every { $minutes }, { $came ->
    [0] nothing came yet
    [one] 1 order
   *[other] { $came } orders
}
feeds-failing = ⚠ does not work right now
feeds-paused = paused
feed-headline = 📡 <b>{ $name }</b>
feed-of-address = I look at it every { $every }, less often where it asks for that.
feed-of-search = I ask all indexers for it every { $every }.
feed-filter = Filter: { $wish }
feed-asks-first = I ask you before I fetch anything.
feed-failed = ⚠ { $failures ->
    [one] The last look did not work.
   *[other] The last { $failures } looks did not work.
} { $why }
feed-looked = Last look that worked: { $time }
feed-next = Next look: { $time }
feed-looking = I am looking …
feed-paused = ⏸ Paused. What is ordered goes on.
feed-silent = No answer from { $names }.
feed-stood = { $count ->
    [one] 1 thing that I had not seen stood there before. I remember it and fetch
   *[other] { $count } things that I had not seen stood there before. I remember them and fetch
} only what is new from now on.
feed-came = { $count ->
    [one] 1 order
   *[other] { $count } orders
}: { $archived } archived, { $under-way } under way
feed-failures = { $count } failed: /status shows why
feed-entries-new = { $count } more { $count ->
    [one] waits for its
   *[other] wait for their
} turn
feed-entries-asking = { $count ->
    [one] 1 waits
   *[other] { $count } wait
} for your answer
feed-entries-known = { $count } came already, from another of your feeds
feed-entries-passed-over = { $count } left out by the filter
feed-entries-refused = { $count } could not be ordered: I do not go where { $count ->
    [one] it leads
   *[other] they lead
}
feed-entries-skipped = { $count } you did not want
feed-unfit = ⚠ { $count ->
    [one] 1 entry leads
   *[other] { $count } entries lead
} to nothing that I could fetch.
feed-ask-filter =
    🔤 <b>What of it do you want?</b> Send me words of the titles, in a group as an answer to this message.
    <code>1080p x264</code> — only with both in the title
    <code>-cam</code> — only without this
    <code>size&gt;500m size&lt;2g</code> — only of this size
    <code>~s0[1-3]e\d\d</code> — only with this pattern, which goes to the end
    It holds for what comes from now on.
feed-filter-misread = I cannot read “{ $part }”. Write it like { $example }.
feed-filter-nothing = “{ $part }”: nothing can be like that.
feed-ask-delete = Really delete <b>{ $name }</b>? I look at it no more and forget what I have seen there. What is ordered goes on.
feed-deleted = ✖ This feed is deleted.
feed-asks = 📡 <b>{ $title }</b> · { $size }
    New from { $name }. Shall I fetch it?
feed-skipped = ✖ <b>{ $title }</b> stays out.
feed-known = ✔ <b>{ $title }</b> came already, from another of your feeds.
feed-just-looked = I have looked just now. Give me a minute.
feed-well-again = ✅ <b>{ $name }</b> works again. I go on looking at it.
feed-unreadable = What stands there is no feed that I can read: neither RSS nor Atom.
feed-too-large = This feed is longer than anything that I read.
feed-status = Its server answers with error { $status }.
feed-no-indexer = None of the indexers answers.
feed-not-allowed = Whose feed this is may not order anything here any more.
button-look = Look now
button-ask-first-on = ☑ Ask first
button-ask-first-off = ☐ Ask first
button-every = Every { $every }
button-feed-filter = Filter …
button-no-filter = No filter
button-fetch-seen = { $count ->
    [one] Fetch this one too
   *[other] Fetch these { $count } too
}
button-delete = Delete
button-delete-yes = Yes, delete it
button-delete-no = No, keep it
button-fetch = Fetch
button-skip = Skip
