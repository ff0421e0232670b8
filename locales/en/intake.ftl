## Old archives that come in
intake-usage = Tell me which channel: <code>/intake @name</code>, or <code>/intake https://t.me/c/123</code>. I read what was posted there, and put it into the library where it stands.
intake-no-channel = This is no channel. Write it like @name, t.me/name or t.me/c/123.
intake-headline = 🗄 <b>{ $title }</b>
intake-looking = I am looking at the channel…
intake-opens = When you start, members will be able to find and get everything in it, and what is posted there later. Nothing is posted or removed there, by me or by Stop.
intake-history = I read what was posted so far, the newest first: of a file no more than its beginning.
intake-no-history = What was posted so far I cannot read: that takes the account of somebody who sees the channel (<code>magpie login</code>). I take what is posted from now on.
intake-no-admin = ⚠ I am no admin of this channel: members find what is in it, but I cannot hand it out, and hear of no new posts. Make me an admin there: any one right will do.
intake-nobody = I cannot read this channel: I am no admin there, and no account of mine sees it.
intake-running = I am reading what was posted, the newest first.
intake-paused = Paused.
intake-done = Done.
intake-stopped = Stopped: I take nothing more. What was taken in stays in the library.
intake-closed = Closed: I take nothing more, and only the owner and admins find what was taken in.
intake-failed = That did not work out.
intake-looked = { $looked ->
    [one] 1 file looked at, { $taken } taken in
   *[other] { $looked } files looked at, { $taken } taken in
}
intake-known = { $known } were in the library before
intake-skipped = { $skipped } left out: nothing is in them
intake-untagged = { $untagged } without their tags: I could not look into them
intake-new-posts = New posts are taken as they come.
intake-not-handed-out = This stands in a channel of which I am no admin, so I cannot hand it out. An admin of the channel can change that.
intake-protected = ⚠ This channel keeps its content from being saved: members find what is in it, but I cannot hand it out.
intake-waits = ⏳ { $why }
button-look-again = Look again
button-close = Close it to members
