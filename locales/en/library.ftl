## What is asked of the library
library-query-too-long = “{ $part }” is too long to look for: { $most } characters at most.
library-query-too-many = “{ $part }” is too much at once: { $most } words and filters at most.
library-query-empty = There is nothing to look for in “{ $part }”. Write it like { $example }.
library-query-misspelt = There is no filter like “{ $part }”. Did you mean { $example }? If you mean the words, put quotes around them.
library-query-sign = “{ $part }” can only be, or not be: { $example }. There is no more or less of it.
library-query-kind = “{ $part }” is no kind. There are video, audio, image and document. Write it like { $example }.
library-query-place = “{ $part }”: I can look in favourites only. Write it like { $example }.
library-query-sort = I cannot sort by “{ $part }”. There are relevance, newest, size, length, wanted and order. Write it like { $example }.
library-query-twice = “{ $part }”: only one of these, please.
library-query-duration = “{ $part }” is not a duration. Write it like { $example }. There are h, m and s, and 1:30.
library-query-size = “{ $part }” is not a size. Write it like { $example }. There are k, m, g and t.
library-query-year = “{ $part }” is not a year. Write it like { $example }, or 1990s for ten of them.
library-query-resolution = “{ $part }” is not a resolution. Write it like { $example }. There are also hd and 4k.
library-query-date = “{ $part }” is not a date. Write it like { $example }: the year, the month and the day, or the first of them only.
library-query-number = “{ $part }” is not a whole number. Write it like { $example }.
library-query-nothing = “{ $part }”: nothing can be like that.

## The library's Card
library-headline = 📚 <b>{ $query }</b> · { $results }
library-all = 📚 <b>The library</b> · { $results }
library-like = 📚 Similar to <b>{ $title }</b> · { $results }
library-results = { $found ->
    [one] { $found } work
   *[other] { $found } works
}
library-find = { $number }. { $title }{ $facts }
library-filtered = ▽ { $filters }
library-files = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
library-kind = { $kind ->
    [video] Video
    [audio] Sound
    [image] Picture
   *[document] Document
}
library-nothing = Nothing in the library is like that. Try fewer or other words, or /search for something new.
library-nothing-left = Nothing of it passes the filter.
library-mistyped = <i>Nothing is spelled just so; this nearly is.</i>
library-some = <i>Nothing has all of these words; this has some.</i>
library-making = ⏳ The library is being put in order. It will be shown here in a moment.
library-filter-question = What should be listed? The numbers say how many there are.
    Filters can be typed, too: <code>/library davis kind:audio duration&gt;3m year:1950s #jazz -live</code>
library-title = 📄 <b>{ $title }</b>
library-credit = 🎙 { $credit }
library-file = · { $name } · { $size }
library-more-files = … and { $count ->
    [one] one more file
   *[other] { $count } more files
}
library-tags = 🏷 { $tags }
library-archived = Archived on { $day }{ $times ->
    [0] {""}
    [one] , delivered once
   *[other] , delivered { $times } times
}
library-copies = { $copies ->
    [one] One post
   *[other] { $copies } posts
} in Telegram{ $previews ->
    [0] {""}
    [one] , one preview
   *[other] , { $previews } previews
}{ $kept ->
    [0] {""}
    [one] , one file kept on the disk
   *[other] , { $kept } files kept on the disk
}
library-hash = BLAKE3 <code>{ $hash }</code>
button-library-sort = Sort: { $order ->
    [newest] newest
    [size] size
    [length] length
    [wanted] most wanted
    [order] in order
   *[relevance] relevance
}
button-favourite = ☆ Favourite
button-favourite-on = ★ Favourite
button-similar = Similar
button-to-asked = Back to what I asked for
favoured = One of your favourites now: /library in:favourites
disfavoured = No favourite any more.
inline-nothing = Nothing in the library is like that
library-query-channel = I know no channel “{ $part }”. It is called like channel:@name.
library-arrived = 🔔 This arrived: you wanted to be told of <b>{ $text }</b>
button-watch = 🔔 Tell me when more arrives
button-unwatch = 🔕 Tell me no more of this
watched = I will tell you when something arrives that fits.
unwatched = I will not tell you of it any more.
too-many-alerts = You wait for { $most } things already. Look for one of them again with /library, and press 🔕.
library-tag-usage = Answer a work’s details with tags: /tag #jazz #live, and take one off with /tag -live
library-tags-too-many = More than { $most } tags say nothing any more. Take some off first: /tag -live
library-tagged = 🏷 { $title }: { $tags }

## Collections
collection-name = { $kind ->
    [series] 📺
    [album] 💿
   *[playlist] 🎶
} { $title }{ $credited ->
    [0] {""}
   *[other] {" "}— { $performer }
}
collection-line = { $number }. { $name } · { $works }
collections-headline = <b>Collections</b> that these works are parts of:
collections-none = These works are no parts of series, albums or collections yet. To begin one, look at a work’s details and answer them with <code>/collect Evening</code>.
library-within = <b>{ $name }</b> · { $results }
library-season = Season { $season }
collect-question = Into which of your collections?
collect-by-name = A new one: answer this message with <code>/collect Evening</code>, or <code>/collect album: Kind of Blue</code>.
collection-delete-question = Delete the collection <b>{ $name }</b>? The works in it stay where they are.
button-collections = 🗂 Collections
button-collection = { $kind ->
    [series] 📺
    [album] 💿
   *[playlist] 🎶
} { $title }
button-collect = ＋ Collection
button-collect-on = ☑ { $title }
button-collect-off = ☐ { $title }
button-get-listed = Get these { $count }
button-earlier = ▲ Earlier
button-later = ▼ Later
button-collection-open = Show it to all
button-collection-close = Only for me
collected = 🗂 In “{ $title }” now. See it with /collections
collection-unknown = You have no collection called “{ $title }”: /collections
uncollected = Not in “{ $title }” any more.
collection-opened = Everybody sees it now, with those of its works that they may see.
collection-closed = Only who made it sees it now.
collection-deleted = The collection is gone; its works are not.
collection-usage = Answer a work’s details with the name of a collection: /collect Evening, and take it out again with /collect -Evening
collection-too-many = You have { $most } collections already. Delete one first: /collections
collection-full = There are { $most } works in it already; more have no room.
