## Lo que se pide a la biblioteca
library-query-too-long = «{ $part }» es demasiado largo para buscarlo: como mucho { $most } caracteres.
library-query-too-many = «{ $part }» es demasiado de una vez: como mucho { $most } palabras y filtros.
library-query-empty = En «{ $part }» no hay nada que buscar. Escríbelo así: { $example }.
library-query-misspelt = No hay ningún filtro como «{ $part }». ¿Querías decir { $example }? Si te refieres a las palabras, ponlas entre comillas.
library-query-sign = «{ $part }» solo puede ser o no ser: { $example }. No hay más ni menos de eso.
library-query-kind = «{ $part }» no es ningún tipo. Los hay: vídeo, audio, imagen y documento. Escríbelo así: { $example }.
library-query-place = «{ $part }»: solo puedo buscar en favoritos. Escríbelo así: { $example }.
library-query-sort = No sé ordenar por «{ $part }». Se puede por relevancia, reciente, tamaño, duración y demanda. Escríbelo así: { $example }.
library-query-twice = «{ $part }»: solo uno de estos, por favor.
library-query-duration = «{ $part }» no es una duración. Escríbela así: { $example }. Hay h, m y s, y también 1:30.
library-query-size = «{ $part }» no es un tamaño. Escríbelo así: { $example }. Hay k, m, g y t.
library-query-year = «{ $part }» no es un año. Escríbelo así: { $example }, o 1990s para diez de ellos.
library-query-resolution = «{ $part }» no es una resolución. Escríbela así: { $example }. También hay hd y 4k.
library-query-date = «{ $part }» no es una fecha. Escríbela así: { $example }: el año, el mes y el día, o solo lo primero.
library-query-number = «{ $part }» no es un número entero. Escríbelo así: { $example }.
library-query-nothing = «{ $part }»: nada puede ser así.
