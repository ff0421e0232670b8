# /mydata

command-mydata = What I keep of you
help-mydata = /mydata — what I keep of you: have all of it, or have it deleted
mydata-headline = 🗂 <b>What I keep of you</b>
mydata-member = 👤 Your name ({ $name }), your number and language in Telegram, and what you chose in /settings
mydata-orders = 📥 { $count ->
    [one] One order
   *[other] { $count } orders
}
mydata-works = 📚 { $count ->
    [one] One work in the library that you ordered
   *[other] { $count } works in the library that you ordered
}
mydata-searches = 🔎 { $count ->
    [one] One search, with what it found
   *[other] { $count } searches, with what they found
}
mydata-library-searches = 🔎 { $count ->
    [one] One search in the library
   *[other] { $count } searches in the library
}
mydata-favourites = ★ { $count ->
    [one] One favourite
   *[other] { $count } favourites
}
mydata-alerts = 🔔 { $count ->
    [one] One thing that you want to be told of when it arrives
   *[other] { $count } things that you want to be told of when they arrive
}
mydata-collections = 🗂 { $count ->
    [one] One collection that you made
   *[other] { $count } collections that you made
}
mydata-feeds = 📰 { $count ->
    [one] One feed, with what stood in it
   *[other] { $count } feeds, with what stood in them
}
mydata-grabs = 📡 { $count ->
    [one] One channel that you had looked through
   *[other] { $count } channels that you had looked through
}
mydata-intakes = 🗄 { $count ->
    [one] One channel that you had taken into the library
   *[other] { $count } channels that you had taken into the library
}
mydata-deliveries = 📬 { $count ->
    [one] A note of one result that was sent to you
   *[other] Notes of { $count } results that were sent to you
}
mydata-cards = 💬 { $count ->
    [one] One message of mine to you
   *[other] { $count } messages of mine to you
}
mydata-updates = <i>What you send me is also kept as it came, for two days after I have handled it, so that nothing gets lost.</i>
mydata-owner-stays = You own me, so I cannot forget you.
mydata-private = What I keep of you is between you and me: please send /mydata in our own chat.
mydata-file = All that I keep of you
mydata-sent = Here it is.
mydata-too-much = It is more than I may send. Please ask my owner for it.
mydata-ask = 🗑 <b>Delete all that I keep of you?</b>
mydata-goes = <b>Goes:</b> your name and settings, orders, searches, favourites, collections, feeds, and the keys under my messages to you. I cannot bring it back.
mydata-stays = <b>Stays:</b> what you had archived stays in the library for the others, without your name; so do collections that everybody sees. What stood in this chat only stays in this chat, and nowhere else.
mydata-cancels = ⚠ { $count ->
    [one] One order is going on. It is cancelled.
   *[other] { $count } orders are going on. They are cancelled.
}
mydata-busy = A channel or a feed is just being looked through for you. I have stopped that; please try again in a few minutes.
mydata-deleted = 🗑 All that I kept of you is deleted. Good-bye!
button-mydata-take = Give me all of it
button-mydata-delete = Delete it
button-mydata-yes = Yes, delete all of it
