## Fuentes: direcciones y búsquedas que traen solas lo nuevo
command-feed = Traer lo nuevo sin que lo pidas
command-feeds = Tus fuentes
help-feed = /feed <i>https://…/rss</i> o <i>search palabras</i> — trae sin que lo pidas lo nuevo que haya allí. Detrás va qué quieres de ello: <code>1080p -cam size&lt;2g ~patrón</code>
help-feeds = /feeds — tus fuentes, para pausarlas, filtrarlas o borrarlas
feed-usage = Dime qué debo mirar: <code>/feed https://example.org/rss</code> o <code>/feed search big buck bunny</code>. Lo nuevo que haya allí lo traigo sin que lo pidas.
feed-none = Esto no es ni una dirección (https://…) ni una búsqueda (search y las palabras). Con /feed a solas te digo cómo va.
feed-too-many = Tienes { $most } fuentes, y no puede haber más. Borra antes una de ellas: /feeds
feeds-none = No tienes fuentes. <code>/feed https://example.org/rss</code> o <code>/feed search big buck bunny</code> crea una: lo nuevo que haya allí lo traigo sin que lo pidas.
feeds-headline = 📡 <b>Tus fuentes</b>
feeds-line = { $number }. { $name }: { $how }
feeds-beginning = la estoy mirando por primera vez
feeds-running = cada { $minutes }, { $came ->
    [0] aún no ha llegado nada
    [one] 1 pedido
   *[other] { $came } pedidos
}
feeds-failing = ⚠ ahora mismo no funciona
feeds-paused = en pausa
feed-headline = 📡 La fuente <b>{ $name }</b>
feed-of-address = La miro cada { $every }, con menos frecuencia si ella lo pide.
feed-of-search = Se la pregunto a todos los indexadores cada { $every }.
feed-filter = Filtro: { $wish }
feed-asks-first = Te pregunto antes de traer nada.
feed-failed = ⚠ { $failures ->
    [one] La última vez no funcionó.
   *[other] Las últimas { $failures } veces no funcionó.
} { $why }
feed-looked = Última vez que funcionó: { $time }
feed-next = La miro de nuevo: { $time }
feed-looking = La estoy mirando…
feed-paused = ⏸ En pausa. Lo pedido sigue adelante.
feed-silent = Sin respuesta de { $names }.
feed-stood = { $count ->
    [one] Ya había allí 1 cosa que yo no había visto. La recuerdo y traigo
   *[other] Ya había allí { $count } cosas que yo no había visto. Las recuerdo y traigo
} solo lo nuevo a partir de ahora.
feed-came = { $count ->
    [one] 1 pedido
   *[other] { $count } pedidos
}: { $archived } en el archivo, { $under-way } en marcha
feed-failures = Fallaron { $count }: /status muestra por qué
feed-entries-new = { $count ->
    [one] 1 más espera
   *[other] { $count } más esperan
} su turno
feed-entries-asking = { $count ->
    [one] 1 espera
   *[other] { $count } esperan
} tu respuesta
feed-entries-known = { $count ->
    [one] 1 ya había llegado
   *[other] { $count } ya habían llegado
} por otra de tus fuentes
feed-entries-passed-over = El filtro deja fuera { $count }
feed-entries-refused = { $count ->
    [one] 1 no se pudo pedir: no entro adonde lleva
   *[other] { $count } no se pudieron pedir: no entro adonde llevan
}
feed-entries-skipped = { $count ->
    [one] 1 no la quisiste
   *[other] { $count } no las quisiste
}
feed-unfit = ⚠ { $count ->
    [one] 1 entrada no lleva
   *[other] { $count } entradas no llevan
} a nada que yo pueda traer.
feed-ask-filter =
    🔤 <b>¿Qué quieres de ella?</b> Envíame palabras de los títulos; en un grupo, como respuesta a este mensaje.
    <code>1080p x264</code> — solo con ambas en el título
    <code>-cam</code> — solo sin esta
    <code>size&gt;500m size&lt;2g</code> — solo de este tamaño
    <code>~s0[1-3]e\d\d</code> — solo con este patrón, que llega hasta el final
    Vale para lo que llegue a partir de ahora.
feed-filter-misread = No entiendo «{ $part }». Escríbelo así: { $example }.
feed-filter-nothing = «{ $part }»: nada puede ser así.
feed-ask-delete = ¿De verdad borro <b>{ $name }</b>? Dejo de mirarla y olvido lo que he visto allí. Lo pedido sigue adelante.
feed-deleted = ✖ Esta fuente está borrada.
feed-asks = 📡 <b>{ $title }</b> · { $size }
    Nuevo de { $name }. ¿Lo traigo?
feed-skipped = ✖ <b>{ $title }</b> se queda fuera.
feed-known = ✔ <b>{ $title }</b> ya llegó por otra de tus fuentes.
feed-just-looked = Acabo de mirar. Dame un minuto.
feed-well-again = ✅ <b>{ $name }</b> funciona de nuevo. La sigo mirando.
feed-unreadable = Lo que hay allí no es una fuente que yo sepa leer: ni RSS ni Atom.
feed-too-large = Esta fuente es más larga de lo que puedo leer.
feed-status = Su servidor responde con el error { $status }.
feed-no-indexer = Ningún indexador responde.
feed-not-allowed = Quien tiene esta fuente ya no puede pedir nada aquí.
button-look = Mirar ahora
button-ask-first-on = ☑ Preguntar antes
button-ask-first-off = ☐ Preguntar antes
button-every = Cada { $every }
button-feed-filter = Filtro…
button-no-filter = Sin filtro
button-fetch-seen = { $count ->
    [one] Traer también esta
   *[other] Traer también estas { $count }
}
button-delete = Borrar
button-delete-yes = Sí, bórrala
button-delete-no = No, déjala
button-fetch = Traer
button-skip = Dejarlo
