# /duplicates

command-duplicates = Works that came in several encodings
help-duplicates = /duplicates — works that are in the library in several encodings: see which is the better copy, and merge them
duplicates-in-private = That is for admins only: ask me in our private chat.
duplicates-headline = 🧬 <b>Several encodings of the same work</b> · { $works ->
    [one] one work
   *[other] { $works } works
}
duplicates-decided = 🧬 <b>Decided already</b> · { $works ->
    [one] one work
   *[other] { $works } works
}
duplicates-none = 🧬 No work is in the library in several encodings, as far as I can tell from titles, performers, years and lengths.
duplicates-none-decided = 🧬 Nothing was decided yet.
duplicates-line = { $number }. { $title } · { $how }
duplicates-work = 🧬 <b>{ $title }</b> · { $how }
duplicates-open = { $count ->
    [one] one encoding
   *[other] { $count } encodings
}
duplicates-merging = ⏳ being merged
duplicates-merged = merged, { $count ->
    [one] one encoding
   *[other] { $count } encodings
}
duplicates-separating = ⏳ being separated
duplicates-apart = not the same work
duplicates-encoding = { $number }. { $facts } · <b>{ $points }</b>/100
duplicates-better = ★ { $number }. { $facts } · <b>{ $points }</b>/100
duplicates-why = <i>{ $reasons }</i>
duplicates-stands = ↳ found as number { $number }
duplicates-chosen = ↳ you chose this one
duplicates-elsewhere = For others to see, so it stays as it is: { $encodings }
duplicates-torn = Some of these are not the same, you said. Choose to which one the others belong.
duplicates-gone = They are not shown together any more: one is gone, or somebody decided.
duplicates-changed = That has changed meanwhile. Look at it once more.
duplicates-ask-merge = Keep <b>{ $title }</b> ({ $facts }), and have it stand for { $count ->
    [one] the other one
   *[other] the { $count } others
}?
    The library then lists this one only, with the tags of all. Nothing is deleted: links and keys of before go on working, and its details offer the { $count ->
    [one] other one
   *[other] others
}, too. You can separate them again.
duplicates-ask-separate = Separate what was merged into <b>{ $title }</b>? The library then lists { $count ->
    [one] the other encoding
   *[other] the { $count } others
} again. Tags, favourites and places in collections stay with this one.
reason-episodes = { $own } of { $total ->
    [one] one episode
   *[other] { $total } episodes
}
reason-tracks = { $own } of { $total ->
    [one] one track
   *[other] { $total } tracks
}
reason-length = only { $own } of { $total }
reason-resolution = { $own }p instead of { $other }p
reason-rate = { $own }, others { $other }
reason-rate-lossless = lossless, others { $other } (this { $own })
reason-subtitles = subtitles: { $languages }
reason-no-subtitles = no subtitles
reason-posts = { $own } of { $total ->
    [one] one post
   *[other] { $total } posts
} gone
rate-megabits = { $rate } Mbit/s
rate-kilobits = { $rate } kbit/s
button-duplicates-open = Still to decide ({ $count })
button-duplicates-decided = Decided already ({ $count })
button-get-number = Get { $number }
button-keep-number = ★ { $number }
button-merge = Merge into ★ { $number }
button-merge-yes = Yes, merge them
button-leave = No, leave it
button-part = Not the same
button-rejoin = They are the same
button-separate = Separate
button-separate-yes = Yes, separate them
library-also = 🧬 Also here: { $encodings }
button-get-encoding = Get { $facts }
