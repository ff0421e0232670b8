## Lo que se pide a la biblioteca
library-query-too-long = «{ $part }» es demasiado largo para buscarlo: como mucho { $most } caracteres.
library-query-too-many = «{ $part }» es demasiado de una vez: como mucho { $most } palabras y filtros.
library-query-empty = En «{ $part }» no hay nada que buscar. Escríbelo así: { $example }.
library-query-misspelt = No hay ningún filtro como «{ $part }». ¿Querías decir { $example }? Si te refieres a las palabras, ponlas entre comillas.
library-query-sign = «{ $part }» solo puede ser o no ser: { $example }. No hay más ni menos de eso.
library-query-kind = «{ $part }» no es ningún tipo. Los hay: vídeo, audio, imagen y documento. Escríbelo así: { $example }.
library-query-place = «{ $part }»: solo puedo buscar en favoritos. Escríbelo así: { $example }.
library-query-sort = No sé ordenar por «{ $part }». Se puede por relevancia, reciente, tamaño, duración, demanda y orden. Escríbelo así: { $example }.
library-query-twice = «{ $part }»: solo uno de estos, por favor.
library-query-duration = «{ $part }» no es una duración. Escríbela así: { $example }. Hay h, m y s, y también 1:30.
library-query-size = «{ $part }» no es un tamaño. Escríbelo así: { $example }. Hay k, m, g y t.
library-query-year = «{ $part }» no es un año. Escríbelo así: { $example }, o 1990s para diez de ellos.
library-query-resolution = «{ $part }» no es una resolución. Escríbela así: { $example }. También hay hd y 4k.
library-query-date = «{ $part }» no es una fecha. Escríbela así: { $example }: el año, el mes y el día, o solo lo primero.
library-query-number = «{ $part }» no es un número entero. Escríbelo así: { $example }.
library-query-nothing = «{ $part }»: nada puede ser así.

## The library's Card
library-headline = 📚 <b>{ $query }</b> · { $results }
library-all = 📚 <b>La biblioteca</b> · { $results }
library-like = 📚 Parecido a <b>{ $title }</b> · { $results }
library-results = { $found ->
    [one] { $found } obra
   *[other] { $found } obras
}
library-find = { $number }. { $title }{ $facts }
library-filtered = ▽ { $filters }
library-files = { $count ->
    [one] { $count } archivo
   *[other] { $count } archivos
}
library-kind = { $kind ->
    [video] Vídeo
    [audio] Sonido
    [image] Imagen
   *[document] Documento
}
library-nothing = No hay nada así en la biblioteca. Prueba con menos palabras u otras, o con /search para buscar algo nuevo.
library-nothing-left = Nada de ello pasa el filtro.
library-mistyped = <i>Nada se escribe exactamente así; esto, casi.</i>
library-some = <i>Nada tiene todas estas palabras; esto tiene algunas.</i>
library-making = ⏳ Se está ordenando la biblioteca. Aparecerá aquí en un momento.
library-filter-question = ¿Qué se debe mostrar? Los números dicen cuántas obras hay.
    Los filtros también se pueden escribir: <code>/library davis tipo:audio duración&gt;3m año:1950s #jazz -live</code>
library-title = 📄 <b>{ $title }</b>
library-credit = 🎙 { $credit }
library-file = · { $name } · { $size }
library-more-files = … y { $count ->
    [one] un archivo más
   *[other] { $count } archivos más
}
library-tags = 🏷 { $tags }
library-archived = Archivado el { $day }{ $times ->
    [0] {""}
    [one] , entregado una vez
   *[other] , entregado { $times } veces
}
library-copies = { $copies ->
    [one] Una publicación
   *[other] { $copies } publicaciones
} en Telegram{ $previews ->
    [0] {""}
    [one] , una vista previa
   *[other] , { $previews } vistas previas
}{ $kept ->
    [0] {""}
    [one] , un archivo guardado en el disco
   *[other] , { $kept } archivos guardados en el disco
}
library-hash = BLAKE3 <code>{ $hash }</code>
button-library-sort = Orden: { $order ->
    [newest] lo más nuevo
    [size] tamaño
    [length] duración
    [wanted] lo más pedido
    [order] su orden
   *[relevance] relevancia
}
button-favourite = ☆ Favorito
button-favourite-on = ★ Favorito
button-similar = Parecido
button-to-asked = Volver a lo que pedí
favoured = Ahora es uno de tus favoritos: /library in:favourites
disfavoured = Ya no es un favorito.
inline-nothing = No hay nada así en la biblioteca
library-query-channel = No conozco ningún canal «{ $part }». Se escribe como canal:@nombre.
library-arrived = 🔔 Llegó esto: querías saber de <b>{ $text }</b>
button-watch = 🔔 Avísame cuando llegue más
button-unwatch = 🔕 No me avises más de esto
watched = Te avisaré cuando llegue algo así.
unwatched = Ya no te avisaré de ello.
too-many-alerts = Ya esperas { $most } cosas. Busca una de ellas otra vez con /library y pulsa 🔕.
library-tag-usage = Responde a los detalles de una obra con etiquetas: /tag #jazz #directo, y quita una con /tag -directo
library-tags-too-many = Más de { $most } etiquetas ya no dicen nada. Quita antes alguna: /tag -directo
library-tagged = 🏷 { $title }: { $tags }

## Colecciones
collection-name = { $kind ->
    [series] 📺
    [album] 💿
   *[playlist] 🎶
} { $title }{ $credited ->
    [0] {""}
   *[other] {" "}— { $performer }
}
collection-line = { $number }. { $name } · { $works }
collections-headline = <b>Colecciones</b> de las que forman parte estas obras:
collections-none = Estas obras aún no forman parte de series, álbumes ni colecciones. Para empezar una, mira los detalles de una obra y respóndeles con <code>/collect Velada</code>.
library-within = <b>{ $name }</b> · { $results }
library-season = Temporada { $season }
collect-question = ¿En cuál de tus colecciones?
collect-by-name = Una nueva: responde a este mensaje con <code>/collect Velada</code>, o <code>/collect álbum: Kind of Blue</code>.
collection-delete-question = ¿Borrar la colección <b>{ $name }</b>? Sus obras se quedan donde están.
button-collections = 🗂 Colecciones
button-collection = { $kind ->
    [series] 📺
    [album] 💿
   *[playlist] 🎶
} { $title }
button-collect = ＋ Colección
button-collect-on = ☑ { $title }
button-collect-off = ☐ { $title }
button-get-listed = Recibir estas { $count }
button-earlier = ▲ Antes
button-later = ▼ Después
button-collection-open = Mostrarla a todos
button-collection-close = Solo para mí
collected = 🗂 Ahora está en «{ $title }». Mírala con /collections
collection-unknown = No tienes ninguna colección llamada «{ $title }»: /collections
uncollected = Ya no está en «{ $title }».
collection-opened = Ahora la ven todos, con las obras suyas que pueden ver.
collection-closed = Ahora solo la ve quien la hizo.
collection-deleted = La colección ya no está; sus obras, sí.
collection-usage = Responde a los detalles de una obra con el nombre de una colección: /collect Velada, y sácala con /collect -Velada
collection-too-many = Ya tienes { $most } colecciones. Borra antes alguna: /collections
collection-full = Ya hay { $most } obras en ella; no caben más.
