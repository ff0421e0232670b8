## Números y tamaños
size-unknown = tamaño desconocido
duration-seconds = { $n } s
duration-minutes = { $n } min
duration-hours = { $h } h { $m } min

## Órdenes, como las muestra el menú de Telegram
command-start = Saludar
command-help = Qué sé hacer
command-search = Buscar en tus indexadores
command-add = Traer un enlace, magnet o .torrent
command-status = Qué está en marcha

## Avisos
welcome = Hola, <b>{ $name }</b>. Soy Magpie: busco, traigo, compruebo, muestro y archivo lo que puedas compartir.
    Prueba <code>/search</code> con unas palabras, o envíame un magnet, un archivo .torrent o un enlace.
help =
    <b>Qué sé hacer</b>
    /search <i>palabras</i> — busca en todos los indexadores; pulsa un número para mirar dentro
    /add <i>enlace</i> — trae un magnet o un enlace http(s); un archivo .torrent basta con enviarlo
    /status — tus pedidos y cómo van
    Magpie es para lo que puedas compartir. Respeta los derechos de los demás.
claimed = Ahora eres la persona dueña. Te doy la bienvenida, <b>{ $name }</b>.
claim-needed = Todavía no tengo dueño. Envíame el código que se mostró al arrancar.
claim-refused = Este código no es correcto, o ya se usó.
not-admitted = Solo trabajo para mis miembros. Habla con quien me administra.
not-allowed = Este botón no es tuyo.
search-usage = Dime qué busco: <code>/search big buck bunny</code>
add-usage = Envíame un magnet, un enlace http(s) o un archivo .torrent: <code>/add magnet:?xt=…</code>
not-understood = No sé qué hacer con esto. Envía un magnet, un enlace o un archivo .torrent, o mira /help.
delivered = Entregado.
preview-none = No hay vista previa de esto.
unexpected = Algo salió mal de un modo que no preví. El registro dice más con el código { $code }.

## Búsqueda
search-running = 🔎 <b>{ $query }</b> · { $found ->
    [one] { $found } resultado
   *[other] { $found } resultados
} · { $answered } de { $asked } { $asked ->
    [one] fuente
   *[other] fuentes
} …
search-done = 🔎 <b>{ $query }</b> · { $found ->
    [one] { $found } resultado
   *[other] { $found } resultados
} · { $answered } de { $asked } { $asked ->
    [one] fuente
   *[other] fuentes
} · { $seconds } s
search-hit = { $number }. { $title }{ $facts }
search-nothing = No encontré nada. Prueba con menos palabras o con otras.
search-no-indexers = Aún no hay ningún indexador. La persona dueña puede añadirlos con TORZNAB_URLS.
indexer-timed-out = ⚠ { $indexer } no respondió a tiempo
indexer-busy = ⚠ { $indexer } no está accesible o está saturado
indexer-rejected = ⚠ { $indexer } nos rechaza; hay que revisar su clave o su límite
indexer-broken = ⚠ { $indexer } respondió algo que no es un resultado

## Archivos
files-reading = 📄 <b>{ $title }</b>
    Leyendo la lista de archivos …
files-headline = 📄 <b>{ $title }</b> · { $chosen } de { $total } { $total ->
    [one] archivo
   *[other] archivos
} · { $size }

## Pedidos
transfer-title = <b>{ $title }</b>
transfer-queued = En cola
transfer-paused = ⏸ En pausa
transfer-inspecting = Mirando los archivos …
transfer-previewing = Preparando vistas previas …
transfer-storing = Guardándolo en el archivo …
transfer-cancelled = ✖ <b>{ $title }</b> se canceló. No se guardó nada.
transfer-ask-cancel = ¿De verdad quieres dejar <b>{ $title }</b>? Se borrará lo traído hasta ahora.
transfer-failed = ⚠ <b>{ $title }</b> no salió bien.
transfer-done = ✅ <b>{ $title }</b> está en el archivo.
transfer-details = { $files ->
    [one] { $files } archivo
   *[other] { $files } archivos
} · { $size } · { $peers ->
    [one] { $peers } par
   *[other] { $peers } pares
}, { $seeds ->
    [one] { $seeds } semilla
   *[other] { $seeds } semillas
}
kept-files = Lo que ya se trajo se conserva un día; Reintentar sigue desde ahí.
kept-nothing = Todavía no se había traído nada.
kept-on-disk = 💾 { $name } es demasiado grande para este camino a Telegram. Queda a salvo en el disco.
kept-on-disk-more = 💾 { $count ->
    [one] Otro archivo queda en el disco.
   *[other] Otros { $count } archivos quedan en el disco.
}
previews-missed = { $count ->
    [one] No todas las vistas previas de un archivo se pudieron preparar.
   *[other] No todas las vistas previas de { $count } archivos se pudieron preparar.
}
progress = { $bar } { $percent } % · { $rate }/s · quedan { $left }
progress-slow = { $bar } al { $percent } %
progress-stalled = { $bar } { $percent } % · esperando a alguien que lo tenga ({ $peers ->
    [one] { $peers } par
   *[other] { $peers } pares
})
progress-unknown = { $done } · a { $rate }/s
step-fetch = Traer
step-check = Comprobar
step-preview = Vista previa
step-archive = Archivar

## Por qué algo espera
waiting-turn = En cola: antes van otros
waiting-disk = En cola: ahora no cabe en el disco
waiting-removal = En cola: se está borrando lo mismo
waiting-engine = El motor de descargas no responde. Seguiré en cuanto vuelva.
waiting-telegram = Telegram no lo acepta ahora mismo. Seguiré por mi cuenta.

## Estado
status-empty = No tienes pedidos. Con /search se encuentra algo.
status-headline = <b>Tus pedidos</b>
status-line = { $number }. { $title } — { $state }
state-choosing = eligiendo
state-queued = en cola
state-fetching = trayendo
state-inspecting = en comprobación
state-previewing = preparando vistas previas
state-storing = archivando
state-done = hecho
state-paused = en pausa
state-failed = fallido
state-cancelled = cancelado

## Publicaciones
post-caption = <b>{ $title }</b>{ $has-credit ->
    [yes] { " — " }{ $credit }
   *[no] { "" }
}
    { $details }
    #{ $tag }
preview-sheet = { $title } · de un vistazo
preview-clip = { $title } · una muestra
preview-cover = { $title } · portada
preview-waveform = { $title } · cómo suena, dibujado

## Botones
button-number = { $number }
button-previous = ◀
button-next = ▶
button-page = { $page }/{ $pages }
button-retry-sources = Reintentar las lentas
button-file-wanted = ☑ { $name } · { $size }
button-file-left = ☐ { $name } · { $size }
button-all = Todo
button-none = Nada
button-video = Solo vídeo
button-start = Empezar
button-cancel = Cancelar
button-cancel-yes = Sí, dejarlo
button-cancel-no = No, seguir
button-pause = Pausar
button-resume = Seguir
button-retry = Reintentar
button-discard = Descartar
button-details = Detalles
button-less = Menos
button-open-post = Abrir la publicación
button-get-here = Recibirlo aquí
button-get = Recibir
button-preview = Vista previa
button-stale = Este botón es demasiado antiguo. Usa el mensaje más reciente.
nothing-chosen = Elige al menos un archivo.

## Fuentes que no se pueden traer
source-empty = No contiene ningún archivo.
magnet-malformed = Este enlace magnet está dañado: no contiene un infohash válido.
magnet-v2-only = Este enlace magnet es solo de la versión 2, que aún no traigo.
torrent-malformed = Este archivo .torrent está dañado o incompleto.
torrent-unsafe-names = Este .torrent tiene nombres de archivo peligrosos, así que no lo toco.
torrent-too-large = Este archivo .torrent es demasiado grande.
torrent-v2-only = Este torrent es solo de la versión 2, que aún no traigo.
link-malformed = No puedo traer este enlace: debe empezar por http:// o https://.
link-private = Este enlace apunta a una red privada, y ahí no entro.
link-redirects = Este enlace da vueltas en círculo.
link-unreachable = El servidor de este enlace no responde.
link-status = El servidor de este enlace responde con un error en vez del archivo.
link-lied = El servidor envió algo distinto de lo anunciado, así que paré.
link-changed = Lo que hay tras este enlace ha cambiado entretanto. Reintentar empieza de nuevo.
link-short = El servidor cortó a la mitad. Reintentar sigue desde ahí.
link-slow = El servidor lleva demasiado tiempo sin enviar casi nada.
link-too-large = Lo que hay tras este enlace es mayor de lo que puedo traer.
file-too-large = Este archivo es mayor de lo que Telegram me deja leer ({ $limit }).
no-such-file = Un archivo elegido no está en este torrent.
no-metadata = Nadie que tenga este torrent respondió, así que no se conoce su lista de archivos.
files-gone = Los archivos traídos ya no están donde estaban. Reintentar los trae de nuevo.
disk-too-small = No cabría en el disco.
disk-full = El disco está lleno.
disk-error = No se pudo escribir en el disco.
disk-unwritable = El motor de descargas no puede escribir en su carpeta.
media-unreadable = No se puede leer { $name } en el disco.
preview-failed = No se pudo preparar ninguna vista previa de { $name }.
ffmpeg-missing = Aquí no hay ffmpeg, así que no hay vistas previas.
store-too-large = Esto es demasiado grande para el lugar donde debería guardarse.
schema-too-new = La base de datos es de un Magpie más nuevo (esquema { $found }, este conoce { $known }): hay que actualizar.
engine-error = El motor de descargas se rindió.
engine-unreachable = El motor de descargas { $engine } no responde.
engine-refused = El motor de descargas { $engine } no me deja entrar. Hay que revisar su contraseña.
engine-wrong-password = El motor de descargas { $engine } rechaza el usuario o la contraseña. Hay que revisarlos.
engine-wrong-secret = El motor de descargas { $engine } rechaza el secreto. Hay que revisarlo.
engine-banned = El motor de descargas { $engine } me ha bloqueado un rato por contraseñas erróneas. Hay que revisarlas.
engine-answers-nonsense = El motor de descargas { $engine } responde algo que no entiendo.
engine-paths-differ = El motor de descargas { $engine } guarda sus archivos donde no los veo. Hay que revisar la correspondencia de carpetas.
engine-too-old = Esta versión del motor de descargas { $engine } es demasiado antigua para mí.
engine-cannot = El motor de descargas { $engine } no puede traer esto.
interface-gone = La interfaz de red para torrents ya no está. Hay que recuperarla.
engine-has-foreign = { $engine } ya tiene este torrent, y no me toca tocarlo.
channel-closed = Ya no puedo escribir en el canal de archivo. Hay que nombrarme administrador allí.
telegram-refused = Telegram se negó: { $reason }
telegram-away = Telegram no responde.
item-not-deliverable = Esto no está en el archivo.
copy-missing = Esto ya no está donde se archivó.
overdue-choosing = Nadie me dijo a tiempo qué contiene.
overdue-queued = El motor de descargas tardó demasiado.
overdue-inspecting = Mirar los archivos llevó demasiado tiempo.
overdue-previewing = Preparar las vistas previas llevó demasiado tiempo.
overdue-storing = Guardarlo en el archivo llevó demasiado tiempo.
