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
folder-busy = Somebody else is filling this folder at this moment.
