## What is asked of the library
library-query-too-long = “{ $part }” is too long to look for: { $most } characters at most.
library-query-too-many = “{ $part }” is too much at once: { $most } words and filters at most.
library-query-empty = There is nothing to look for in “{ $part }”. Write it like { $example }.
library-query-misspelt = There is no filter like “{ $part }”. Did you mean { $example }? If you mean the words, put quotes around them.
library-query-sign = “{ $part }” can only be, or not be: { $example }. There is no more or less of it.
library-query-kind = “{ $part }” is no kind. There are video, audio, image and document. Write it like { $example }.
library-query-place = “{ $part }”: I can look in favourites only. Write it like { $example }.
library-query-sort = I cannot sort by “{ $part }”. There are relevance, newest, size, length and wanted. Write it like { $example }.
library-query-twice = “{ $part }”: only one of these, please.
library-query-duration = “{ $part }” is not a duration. Write it like { $example }. There are h, m and s, and 1:30.
library-query-size = “{ $part }” is not a size. Write it like { $example }. There are k, m, g and t.
library-query-year = “{ $part }” is not a year. Write it like { $example }, or 1990s for ten of them.
library-query-resolution = “{ $part }” is not a resolution. Write it like { $example }. There are also hd and 4k.
library-query-date = “{ $part }” is not a date. Write it like { $example }: the year, the month and the day, or the first of them only.
library-query-number = “{ $part }” is not a whole number. Write it like { $example }.
library-query-nothing = “{ $part }”: nothing can be like that.
