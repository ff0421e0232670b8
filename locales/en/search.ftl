## Search
search-running = 🔎 <b>{ $query }</b> · { $results } · { $answered } of { $asked } { $asked ->
    [one] source
   *[other] sources
} …
search-done = 🔎 <b>{ $query }</b> · { $results } · { $answered } of { $asked } { $asked ->
    [one] source
   *[other] sources
} · { $seconds } s
search-results = { $found ->
    [one] { $found } result
   *[other] { $found } results
}
search-best-results = { $found } of { $all } results
search-hit = { $number }. { $title }{ $facts }
search-nothing = Nothing found. Try fewer or other words.
search-nothing-left = None of them passes the filter.
search-filtered = ▽ { $filters } · { $listed } of { $found }
search-no-indexers = No indexer is set up yet. The owner can add some with TORZNAB_URLS.
mark-archived = ✅ in the archive
mark-under-way = ⏳ under way
mark-choosing = 📂 opened, not started
indexer-timed-out = ⚠ { $indexer } did not answer in time
indexer-busy = ⚠ { $indexer } is out of reach or overloaded
indexer-rejected = ⚠ { $indexer } refuses us; its key or limit needs a look
indexer-broken = ⚠ { $indexer } answered something that is not a result
indexer-resting = 💤 { $indexer } failed again and again: it rests until { $time }
indexer-rests-then = { $line }. It rests until { $time }
indexers-more-failed = ⚠ { $count ->
    [one] One more source
   *[other] { $count } more sources
} did not answer
age-days = { $n ->
    [one] { $n } day old
   *[other] { $n } days old
}
age-months = { $n ->
    [one] { $n } month old
   *[other] { $n } months old
}
age-years = { $n ->
    [one] { $n } year old
   *[other] { $n } years old
}
age-today = new today

## Filters
filter-question = What should be listed? The numbers say how many there are.
    Or write a pattern that titles must have: <code>~1080p|2160p</code>, and <code>~</code> alone for all.
kind-name = { $kind ->
    [video] Video
    [audio] Sound
    [image] Pictures
    [text] Text
   *[program] Software
}
quality-name = { $quality ->
    [sd] SD
    [lossless] lossless
    [lossy] compressed sound
    [filmed] filmed from a screen
   *[other] { $quality }
}
size-below = under { $size }
size-between = { $from } to { $to }
size-over = over { $size }
pattern-wrong = “{ $pattern }” is not a pattern that I can read.
pattern-too-slow = Looking for “{ $pattern }” takes too long. Try a simpler pattern.
pattern-left-out = ⚠ { $why } All are listed.

## Details of a release
release-title = 📄 <b>{ $title }</b>
release-people = ▲ { $seeders ->
    [one] { $seeders } seeder
   *[other] { $seeders } seeders
}
release-people-all = ▲ { $seeders ->
    [one] { $seeders } seeder
   *[other] { $seeders } seeders
}, ▼ { $leechers ->
    [one] { $leechers } leecher
   *[other] { $leechers } leechers
}
release-people-unknown = nobody says how many have it
release-category = { $category ->
    [1] Games
    [2] Films
    [3] Music and sound
    [4] Software
    [5] Television
    [6] For adults
    [7] Books
   *[8] Other
}
release-found-at = Found at { $indexers }
release-page = <a href="{ $url }">Its page</a>
release-infohash = Infohash <code>{ $infohash }</code>
button-look-inside = Look inside
button-number-here = · { $number } ·
button-retry-sources = Retry slow sources
button-sort = Sort: { $order ->
    [seeds] seeds
    [size] size
    [age] age
   *[relevance] relevance
}
button-filter = Filter
button-filter-on = ▽ Filter
button-choice = { $name } · { $count }
button-choice-on = ✓ { $name } · { $count }
button-filter-clear = List all
button-to-hits = Back
