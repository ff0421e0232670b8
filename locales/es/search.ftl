## Búsqueda
search-running = 🔎 <b>{ $query }</b> · { $results } · { $answered } de { $asked } { $asked ->
    [one] fuente
   *[other] fuentes
} …
search-done = 🔎 <b>{ $query }</b> · { $results } · { $answered } de { $asked } { $asked ->
    [one] fuente
   *[other] fuentes
} · { $seconds } s
search-results = { $found ->
    [one] { $found } resultado
   *[other] { $found } resultados
}
search-best-results = { $found } de { $all } resultados
search-hit = { $number }. { $title }{ $facts }
search-nothing = No encontré nada. Prueba con menos palabras o con otras.
search-nothing-left = Ninguno pasa el filtro.
search-filtered = ▽ { $filters } · { $listed } de { $found }
search-no-indexers = Aún no hay ningún indexador. La persona dueña puede añadirlos con TORZNAB_URLS.
mark-archived = ✅ en el archivo
mark-under-way = ⏳ en camino
mark-choosing = 📂 abierto, sin empezar
indexer-timed-out = ⚠ { $indexer } no respondió a tiempo
indexer-busy = ⚠ { $indexer } no está accesible o está saturado
indexer-rejected = ⚠ { $indexer } nos rechaza; hay que revisar su clave o su límite
indexer-broken = ⚠ { $indexer } respondió algo que no es un resultado
indexer-resting = 💤 { $indexer } falló una y otra vez: descansa hasta las { $time }
indexer-rests-then = { $line }. Descansa hasta las { $time }
indexers-more-failed = ⚠ { $count ->
    [one] Otra fuente no respondió
   *[other] Otras { $count } fuentes no respondieron
}
age-days = de hace { $n ->
    [one] { $n } día
   *[other] { $n } días
}
age-months = de hace { $n ->
    [one] { $n } mes
   *[other] { $n } meses
}
age-years = de hace { $n ->
    [one] { $n } año
   *[other] { $n } años
}
age-today = de hoy

## Filtros
filter-question = ¿Qué quieres ver en la lista? Los números dicen cuántos hay.
    O escribe un patrón que deban tener los títulos: <code>~1080p|2160p</code>, y solo <code>~</code> para todos.
kind-name = { $kind ->
    [video] Vídeo
    [audio] Sonido
    [image] Imágenes
    [text] Texto
   *[program] Programas
}
quality-name = { $quality ->
    [sd] definición estándar
    [lossless] sin pérdida
    [lossy] sonido comprimido
    [filmed] grabado de una pantalla
   *[other] { $quality }
}
size-below = menos de { $size }
size-between = de { $from } a { $to }
size-over = más de { $size }
pattern-wrong = «{ $pattern }» no es un patrón que yo sepa leer.
pattern-too-slow = Buscar «{ $pattern }» lleva demasiado tiempo. Prueba con un patrón más sencillo.
pattern-left-out = ⚠ { $why } La lista está completa.

## Detalles de un resultado
release-title = 📄 <b>{ $title }</b>
release-people = ▲ { $seeders ->
    [one] { $seeders } lo comparte
   *[other] { $seeders } lo comparten
}
release-people-all = ▲ { $seeders ->
    [one] { $seeders } lo comparte
   *[other] { $seeders } lo comparten
}, ▼ { $leechers ->
    [one] { $leechers } lo descarga
   *[other] { $leechers } lo descargan
}
release-people-unknown = nadie dice cuántos lo tienen
release-category = { $category ->
    [1] Juegos
    [2] Películas
    [3] Música y sonido
    [4] Programas
    [5] Televisión
    [6] Para adultos
    [7] Libros
   *[8] Otros
}
release-found-at = Está en { $indexers }
release-page = <a href="{ $url }">Su página</a>
release-infohash = Huella <code>{ $infohash }</code>
button-look-inside = Mirar dentro
button-number-here = · { $number } ·
button-retry-sources = Reintentar las lentas
button-sort = Orden: { $order ->
    [seeds] semillas
    [size] tamaño
    [age] fecha
   *[relevance] relevancia
}
button-filter = Filtrar
button-filter-on = ▽ Filtrar
button-choice = { $name } · { $count }
button-choice-on = ✓ { $name } · { $count }
button-filter-clear = Ver todo
button-to-hits = Volver
