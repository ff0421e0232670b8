## Lo que se quiere de un canal
grab-too-long = «{ $part }» es demasiado largo: como mucho { $most } caracteres.
grab-unreadable = En «{ $part }» hay caracteres de control, que nadie ve. Escríbelo de nuevo.
grab-quotes = Las comillas de «{ $part }» no casan. Van alrededor de palabras enteras: una delante y otra detrás.
grab-slashes = «{ $part }» empieza como un patrón pero no termina como tal: va entre dos barras. Si son palabras que empiezan con una barra, ponlas entre comillas.
grab-empty = En «{ $part }» no hay nada que buscar.
grab-unknown = «{ $part }» parece un filtro, pero solo conozco { $names }. Si te refieres a las palabras, ponlas entre comillas.
grab-kind = «{ $part }» no es ningún tipo. Los hay: { $names }.
grab-misread = No entiendo «{ $part }». Escríbelo así: { $example }. Si te refieres a las palabras, ponlas entre comillas.
grab-twice = «{ $part }»: solo uno de estos, por favor.
grab-nothing = «{ $part }»: nada puede ser así.
grab-timeless = «{ $part }»: las fotos y los documentos no tienen duración.
grab-usage = Dime qué canal y qué quieres de él: <code>/grab @nombre kind:audio duration&gt;3m limit:10</code>. Los filtros son kind, duration, size, after, before y limit; las palabras deben estar en lo que hay escrito, y un patrón va entre dos barras.
grab-headline = 🧺 <b>{ $title }</b>
grab-wish = Se busca: { $wish }
grab-looking = Estoy mirando las publicaciones más nuevas…
grab-found = Encajan { $matching } de los { $looked } archivos más nuevos.
grab-found-in-all = Encajan { $matching } de { $looked } archivos.
grab-found-limit = { $matching ->
    [one] Se quiere el archivo más nuevo que encaja.
   *[other] Se quieren los { $matching } archivos más nuevos que encajan.
}
grab-left-out = { $known ->
    [one] Uno de ellos se queda fuera: ya está archivado o se publicó dos veces.
   *[other] { $known } de ellos se quedan fuera: ya están archivados o se publicaron dos veces.
}
grab-coming = { $coming ->
    [one] Vendría 1, { $size }:
   *[other] Vendrían { $coming }, { $size }:
}
grab-more = También vienen los más antiguos que encajen.
grab-example = · { $name }
grab-running = Los estoy archivando, primero los más nuevos.
grab-paused = En pausa. Lo ya pedido sigue.
grab-done = Hecho.
grab-stopped = Detenido. Lo ya pedido sigue.
grab-failed = Eso no salió bien.
grab-archived = { $archived } archivados, { $under-way } en camino
grab-known = { $known } ya estaban archivados
grab-failures = { $failed } fallaron: /status dice por qué
grab-waits = ⏳ { $why }
grab-disk = No hay bastante sitio en el disco. Sigue por sí solo cuando lo haya.
grab-no-channel = Esto no es un canal. Escríbelo como @nombre o t.me/nombre, y detrás lo que quieres de él.
folder-busy = Alguien más está llenando esta carpeta en este momento.
