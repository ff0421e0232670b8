## Números y tamaños
size-unknown = tamaño desconocido
duration-seconds = { $n } s
duration-minutes = { $n } min
duration-hours = { $h } h { $m } min

## Órdenes, como las muestra el menú de Telegram
command-start = Saludar
command-help = Qué sé hacer
command-search = Buscar en tus indexadores
command-library = Encontrar lo archivado
command-tag = Poner etiquetas a una obra
command-collections = Series, álbumes y colecciones
command-collect = Poner una obra en una colección
command-add = Traer un enlace, magnet, .torrent o archivo
command-grab = Archivar lo que hay en un canal
command-intake = Dejar entrar un canal ya lleno
command-files = Elegir archivos por su nombre
command-status = Qué está en marcha
command-settings = Idioma, resultados, horas de silencio
command-health = Qué está configurado, y probarlo

## Avisos
welcome = Hola, <b>{ $name }</b>. Soy Magpie: busco, traigo, compruebo, muestro y archivo lo que puedas compartir.
    Prueba <code>/search</code> con unas palabras, o envíame un magnet, un enlace o un archivo.
help-headline = <b>Qué sé hacer</b>
help-as-owner = Eres la persona dueña: todo esto es tuyo, para usarlo y cuidarlo; /status muestra los pedidos de todas las personas.
help-as-admin = Administras este bot: también puedes ver y dirigir los pedidos de otras personas; /status los muestra.
help-as-member = Eres miembro.
help-as-guest = Estás de visita, mientras quien me administra deje la puerta abierta.
help-search = /search <i>palabras</i> — busca en todos los indexadores; pulsa un número para mirar dentro. A solas trae tu última búsqueda; <code>~1080p</code> deja solo los títulos con ese patrón
help-library = /library <i>palabras</i> — encuentra lo archivado y recíbelo con una pulsación; sola muestra lo más nuevo. Filtros: <code>tipo:audio artista:davis año:1950s #jazz -live</code>
help-tag = /tag <i>#jazz -directo</i> — pone etiquetas a una obra que miraste en la biblioteca, o las quita
help-collections = /collections <i>palabras</i> — series, álbumes y lo que alguien reunió
help-collect = /collect <i>nombre</i> — pone una obra que miraste en la biblioteca en una colección tuya, o con <code>-nombre</code> la saca
help-add = /add <i>enlace</i> — trae un magnet, un enlace http(s) o el archivo de un mensaje (<code>t.me/nombre/123</code>); los archivos basta con enviarlos o reenviarlos
help-grab = /grab <i>@canal kind:audio limit:10</i> — archiva lo que hay en un canal, con filtros
help-intake = /intake <i>@canal</i> — hace que los miembros encuentren todo lo que hay en un canal, donde está
help-files = /files <i>*.mkv</i> — elige los archivos de un pedido por su nombre; sin patrón, los muestra otra vez
help-status = /status — tus pedidos y cómo van
help-settings = /settings — idioma, adónde van los resultados, vistas previas, horas de silencio
help-health = /health — qué está configurado, qué falta, y una prueba de cada cosa
help-footer = Magpie es para lo que puedas compartir. Respeta los derechos de los demás.
claimed = Ahora eres la persona dueña. Te doy la bienvenida, <b>{ $name }</b>.
claim-needed = Todavía no tengo dueño. Envíame el código que se mostró al arrancar.
claim-refused = Este código no es correcto, o ya se usó.
not-admitted = Solo trabajo para mis miembros. Habla con quien me administra.
not-allowed = Este botón no es tuyo.
search-usage = Dime qué busco: <code>/search big buck bunny</code>
add-usage = Envíame un magnet, un enlace http(s), un enlace a un mensaje o un archivo: <code>/add magnet:?xt=…</code>
not-understood = No sé qué hacer con esto. Envía un magnet, un enlace, un archivo .torrent u otro archivo, o mira /help.
add-rejected = ⚠ Sin pedir: { $what }
    { $why }
add-too-many = Tomé los primeros { $limit } enlaces. { $left ->
    [one] Queda uno más: envíalo
   *[other] Quedan { $left } más: envíalos
} otra vez, por favor.
chat-moved = Este grupo acaba de mudarse. Vuelve a pedirlo allí, por favor.
not-of-group = Esto se pidió en un grupo al que no perteneces.
delivered = Entregado.
delivered-in-part = Una parte ya no está en el archivo.
preview-none = No hay vista previa de esto.
unexpected = Algo salió mal de un modo que no preví.
error-code = Código { $code } · mi registro lo explica
not-allowed-here = Para eso hacen falta más permisos de los que tienes aquí. Con /help ves qué puedes hacer.
refused-by-telegram = Telegram no lo permite. No cambió nada y tus pedidos siguen ahí. Envíalo otra vez; si se repite, dile a quien me administra el código { $code }: mi registro lo explica.
unexpected-here = Eso salió mal de un modo que no preví. Tus pedidos siguen ahí. Prueba otra vez; si se repite, dile a quien me administra el código { $code }: mi registro lo explica.
unknown-command = No conozco la orden { $command }. Con /help ves qué sé hacer.

## Qué está configurado
setup-headline = 🩺 <b>Qué está configurado</b>
setup-line = { $mark } <b>{ $part }</b>: { $words }
setup-how = Lo que falta se pone en el entorno o en .env; el README nombra cada ajuste. Después, arráncame de nuevo.
health-in-private = Eso queda entre nosotros: pregúntamelo en nuestro chat privado.
check-telegram = Telegram
check-groups = grupos
check-large = archivos grandes
check-user = tu cuenta
check-owner = persona dueña
check-archive = canal del archivo
check-database = base de datos
check-disk = disco
check-ffmpeg = ffmpeg
check-engine = motor { $name }
check-engines = más motores
check-indexer = indexador { $name }
check-indexers = indexadores propios
check-message = Magpie prueba si puede publicar aquí. Este mensaje se borra enseguida; si aún lo ves, se puede borrar.
found-untested = configurado, sin probar todavía
found-running = en prueba …
found-no-answer = no respondió a tiempo
found-set = puesto
found-telegram = @{ $username }
found-telegram-unset = falta BOT_TOKEN: el bot funcionaría en el simulador
found-telegram-silent = { $address } no responde
found-telegram-refused = rechaza el token: { $reason }
found-groups = el modo de privacidad está desactivado: las menciones y los archivos .torrent me llegan
found-groups-private = el modo de privacidad está activado: ahí no me llegan los archivos .torrent, y las menciones no siempre. Para cambiarlo, envía /setprivacy a @BotFather, elige Disable y vuelve a añadirme al grupo; o hazme administrador en él.
found-large = @{ $username }, hasta 2000 MB
found-large-unset = API_ID y API_HASH no están puestos: lo que la Bot API de Telegram no acepta se queda en el disco
found-large-simulated = en el simulador hasta 2000 MB; en Telegram, con API_ID y API_HASH
found-large-refused = Telegram no me deja entrar: { $reason }
found-user = con sesión de { $name }
found-user-premium = con sesión de { $name }, con Telegram Premium
found-user-limited = con sesión de { $name }, pero por ahora Telegram no deja que esta cuenta envíe nada ({ $reason }); lo intento de nuevo pasada una hora
found-user-unset = falta USER_SESSION: entro en Telegram solo como bot. magpie login la crea.
found-user-in-use = otro Magpie usa esta sesión ahora mismo; espero a que termine
found-user-lost = Telegram ya no acepta esta sesión: { $reason }. magpie login crea otra.
found-user-running = la usa el Magpie que está en marcha aquí; /health dice cómo está
found-owner-unset = falta OWNER_ID: al arrancar se muestra un código
found-owner-simulated = en el simulador manda su primera persona; en Telegram, la que diga OWNER_ID
found-archive = se pudo publicar y borrar un mensaje silencioso
found-archive-stays = Puedo publicar ahí, pero no borrar. Déjame borrar mensajes; el de prueba sigue ahí.
found-archive-unset = falta ARCHIVE_CHANNEL: se publica en el chat de quien pide. Crea un canal, hazme administrador con permiso para publicar, y pon su id.
found-archive-simulated = en el simulador se publica en su canal; en Telegram, en el que diga ARCHIVE_CHANNEL
found-database = versión { $version } de MongoDB
found-database-embedded = incluida, no hay que poner nada; con MONGODB_URL se usa un MongoDB de verdad
found-database-away = no responde
found-disk = quedan { $free } libres
found-disk-low = solo quedan { $free }: libera espacio, o pon DATA_DIR en otro disco
found-ffmpeg = está
found-engine = versión { $version }
found-engine-embedded = siempre está; la elección es DOWNLOADER={ $choice }
found-engine-trouble = algo va mal con él; el registro dice más
found-engines-unset = faltan QBITTORRENT_URL y ARIA2_URL: el motor incluido lo hace todo
found-indexer = responde como { $title }
found-indexers-unset = falta TORZNAB_URLS: también se puede buscar en Prowlarr o Jackett
button-test = Probar { $part }
button-test-all = Probarlo todo

## Qué pasa con las cuentas que Telegram deja entrar
account-user-lost = ⚠️ <b>Telegram ya no me deja entrar como tú</b>: { $reason }
    Lo que solo tu cuenta ve o puede enviar tiene que esperar; los archivos demasiado grandes para el bot llegan en partes.
    Ejecuta <code>magpie login</code>, define <code>USER_SESSION</code> con lo que imprime y arráncame de nuevo.
account-user-back = ✅ Telegram me deja entrar de nuevo como tú.
account-bot-lost = ⚠️ <b>Telegram ya no deja entrar al bot para los archivos grandes</b>: { $reason }
    Se guardan en el disco. Revisa <code>BOT_TOKEN</code>, <code>API_ID</code> y <code>API_HASH</code> y arráncame de nuevo. Mientras tanto sigo probando.
account-bot-back = ✅ Telegram deja entrar de nuevo al bot para los archivos grandes.

## Ajustes de un miembro
language-name = Español
settings-headline = ⚙️ <b>Tus ajustes</b>
settings-language-telegram = 🗣 Idioma: { $language }, el de tu Telegram
settings-language-chosen = 🗣 Idioma: { $language }
settings-results-archive = 📬 Resultados: quedan en el archivo; la tarjeta trae un enlace y [Recibirlo aquí]
settings-results-chat = 📬 Resultados: quedan en el archivo, y además llegan a este chat cuando están listos
settings-previews-off = 🖼 Vistas previas: quedan en el archivo
settings-previews-on = 🖼 Vistas previas: llegan junto con lo que entrego
settings-silent-off = 🔔 Horas de silencio: ninguna
settings-silent = 🔕 Horas de silencio: de { $start } a { $end }; lo que envío entonces no suena
settings-zone = 🌍 Zona horaria: { $zone }
settings-ask-language = 🗣 ¿En qué idioma hablamos?
settings-ask-silent-from = 🔕 ¿Desde qué hora no deben sonar mis mensajes?
settings-ask-silent-to = 🔕 En silencio desde las { $start }. ¿Hasta cuándo?
settings-ask-zone = 🌍 ¿Qué diferencia con UTC tiene ahora tu reloj? Donde se cambia la hora en verano, cambia también.
button-language = Idioma
button-as-telegram = Como en Telegram
button-results-chat = Enviar los resultados a este chat
button-results-archive = Dejar los resultados solo en el archivo
button-previews-on = Traer también las vistas previas
button-previews-off = Dejar las vistas previas en el archivo
button-silent = Horas de silencio
button-always-sound = Sin horas de silencio
button-zone = Zona horaria
button-back = Atrás

## Archivos
files-reading = 📄 <b>{ $title }</b>
    Leyendo la lista de archivos …
files-headline = 📄 <b>{ $title }</b> · { $chosen } de { $total } { $total ->
    [one] archivo
   *[other] archivos
} · { $size }
files-parts = { $count ->
    [one] 1 parte
   *[other] { $count } partes
}
files-oversized = 💾 { $count ->
    [one] Un archivo elegido supera los { $limit } que Telegram me acepta. Por ahora se queda en el disco.
   *[other] { $count } archivos elegidos superan los { $limit } que Telegram me acepta. Por ahora se quedan en el disco.
}
files-way = 📂 En { $way }
files-ask-pattern =
    🔤 <b>¿Qué archivos?</b> Envíame una parte de su nombre, o un patrón; en un grupo, como respuesta a este mensaje.
    <code>*.mkv</code> — todos los que acaban así
    <code>S01*</code> — todos los que empiezan así
    <code>*1080p*</code> — todos los que llevan esto en el nombre
    <code>Temporada 1/*</code> — todos los de esta carpeta
    Se elegirán esos archivos y ningún otro; da igual si en mayúsculas o minúsculas.
files-none = Aquí no hay ningún pedido cuyos archivos puedas elegir.
disk-ok = hay sitio en el disco: { $free } libres
disk-missing = ⚠ faltan { $missing } en el disco, quedan { $free } libres
glob-nothing = Ningún archivo se llama { $pattern }. Lo elegido sigue elegido.
glob-too-long = Este patrón es demasiado largo: como mucho { $limit } caracteres, por favor.
glob-too-slow = Este patrón tarda demasiado: { $pattern }. Bastará con uno más sencillo.

## Pedidos
transfer-title = <b>{ $title }</b>
transfer-queued = En cola
transfer-paused = ⏸ En pausa
transfer-inspecting = Mirando los archivos …
transfer-previewing = Preparando vistas previas …
transfer-storing = Guardándolo en el archivo …
transfer-sending = Guardando en el archivo: { $name }
transfer-cancelled = ✖ <b>{ $title }</b> se canceló. No se guardó nada.
expired-choosing = ✖ Nadie empezó <b>{ $title }</b> en un día, así que lo dejé. No se guardó nada.
expired-failed = ✖ <b>{ $title }</b> no salió bien y nadie lo reintentó en un día, así que lo dejé. Ya no se guarda nada.
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
transfer-details-link = { $files ->
    [one] { $files } archivo
   *[other] { $files } archivos
} · { $size }
kept-files = Lo que ya se trajo se conserva un día; Reintentar sigue desde ahí.
kept-nothing = Todavía no se había traído nada.
kept-on-disk = 💾 { $name } es demasiado grande para este camino a Telegram. Queda a salvo en el disco.
left-out = ∅ { $name } está vacío, así que no había nada que archivar.
misnamed = ⚠ { $name } no es lo que dice su nombre: { $kind ->
    [video] se guarda como vídeo.
    [audio] se guarda como sonido.
    [image] se guarda como imagen.
   *[other] se guarda como documento.
}
misnamed-more = ⚠ { $count ->
    [one] Otro archivo no es lo que dice su nombre.
   *[other] Otros { $count } archivos no son lo que dicen sus nombres.
}
left-packed = 📦 { $name } se quedó como estaba: { $why }
left-packed-more = 📦 { $count ->
    [one] Otro archivo comprimido se quedó como estaba.
   *[other] Otros { $count } archivos comprimidos se quedaron como estaban.
}
left-out-more = ∅ { $count ->
    [one] Un archivo más está vacío.
   *[other] { $count } archivos más están vacíos.
}
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
progress-no-metadata = Esperando a alguien que sepa qué contiene
progress-no-peers = { $bar } { $percent } % · ahora no está nadie que lo tenga
progress-swarm = ▲{ $seeds } de { $peers }
progress-link-stalled = { $so-far } · el servidor de este enlace no envía nada ahora mismo
progress-link-silent = { $so-far } · el servidor de este enlace no responde ahora mismo
dead-link-silent = El servidor de este enlace no respondió durante horas.
dead-link-stalled = El servidor de este enlace no envió nada durante horas.
dead-no-metadata = Durante horas no respondió nadie que sepa qué contiene este torrent.
dead-no-peers = Durante horas no estuvo nadie que tenga este torrent.
dead-stalled = Quienes tienen este torrent no dieron nada durante horas.
step-fetch = Traer
step-check = Comprobar
step-preview = Vista previa
step-archive = Archivar

## Por qué algo espera
waiting-turn = En cola: puesto { $position }{ $minutes ->
    [0] { "" }
   *[other] , unos { $minutes } min
}
waiting-disk = En cola: necesita { $needed } en el disco y ahora quedan { $free }
waiting-behind = En cola: puesto { $position }. Un pedido anterior lleva mucho esperando sitio en el disco y ya nadie se le adelanta
waiting-removal = En cola: se está borrando lo mismo
waiting-same = Lo mismo se está archivando ahora para otra persona
waiting-engine = El motor de descargas no responde. Seguiré en cuanto vuelva.
waiting-telegram = Telegram no lo acepta ahora mismo. Seguiré por mi cuenta.

## Estado
status-empty = No tienes pedidos. Con /search se encuentra algo.
status-headline = <b>Tus pedidos</b>
status-line = { $number }. { $title } — { $state }
status-others = <b>Pedidos de otras personas</b>
status-orderer = para { $member }
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
post-piece = 🧩 Parte { $number } de { $count }
pieces-join = 🧩 <b>{ $name }</b> viene en { $count } partes. Guárdalas en una sola carpeta y únelas allí:
    Linux, macOS: <code>{ $unix }</code>
    Windows: <code>{ $windows }</code>
    El resultado tiene este BLAKE3, que <code>b3sum</code> muestra:
    <code>{ $blake3 }</code>
pieces-play = 🎞 <b>{ $name }</b> viene en { $count } partes que se reproducen una tras otra.
preview-poster = { $title } · como foto
preview-sheet = { $title } · de un vistazo
preview-clip = { $title } · una muestra
preview-cover = { $title } · portada
preview-waveform = { $title } · cómo suena, dibujado

## Botones
button-number = { $number }
button-previous = ◀
button-next = ▶
button-page = { $page }/{ $pages }
button-file-wanted = ☑ { $name } · { $size }
button-file-left = ☐ { $name } · { $size }
button-all = Todo
button-none = Nada
button-video = Solo vídeo
button-pattern = Patrón …
button-folder = 📁 { $name }
button-folder-all = ☑ { $chosen }/{ $total } · { $size }
button-folder-some = ◪ { $chosen }/{ $total } · { $size }
button-folder-none = ☐ { $chosen }/{ $total } · { $size }
button-up = ⬆
button-unpack-wanted = ☑ Descomprimir ({ $count })
button-unpack-left = ☐ Descomprimir ({ $count })
button-start = Empezar
button-cancel = Cancelar
button-cancel-yes = Sí, dejarlo
button-cancel-no = No, seguir
button-pause = Pausar
button-resume = Seguir
button-retry = Reintentar
button-stop = Detener
button-other-source = Otra fuente
button-to-front = Al principio
no-other-source = En esa búsqueda ya no queda otra fuente.
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
files-empty = Los archivos elegidos están vacíos, así que no hay nada que archivar.
magnet-malformed = Este enlace magnet está dañado: no contiene un infohash válido.
magnet-v2-only = Este enlace magnet es solo de la versión 2, que aún no traigo.
torrent-malformed = Este archivo .torrent está dañado o incompleto.
torrent-unsafe-names = Este .torrent tiene nombres de archivo peligrosos, así que no lo toco.
torrent-too-large = Este archivo .torrent es demasiado grande.
torrent-too-many-files = Este torrent tiene más de 20.000 archivos, y son más de los que puedo manejar.
torrent-same-names = Dos archivos de este .torrent se llaman igual o solo se distinguen en mayúsculas y minúsculas. No podrían estar juntos en cualquier disco, así que no lo toco.
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
link-endless = El servidor no dijo cuánto iba a enviar, y no paró cuando ya no me quedaba sitio para ello.
link-empty = No hay nada tras este enlace: el archivo está vacío.
message-gone = No existe ese mensaje, o ya no tiene ningún archivo.
message-closed = No puedo leer ese chat. Mi dueño puede añadirme a él o iniciar sesión con una cuenta que esté dentro.
message-refused = Telegram no me da este archivo.
message-no-door = Para esto mi dueño tiene que definir API_ID y API_HASH: sin ellos Telegram solo me da archivos pequeños, y solo los que me envían.
message-no-account = Telegram solo muestra a personas lo que hubo en un canal: para esto mi dueño tiene que iniciar sesión con magpie login y definir USER_SESSION.
message-malformed = Esto no lleva a ningún mensaje.
archive-unknown = Esto no es un archivo zip ni 7z, así que no lo descomprimí.
archive-split = Este archivo comprimido está dividido en varios. No descomprimo los que son así.
archive-encrypted = Este archivo comprimido tiene contraseña, así que no lo descomprimí.
archive-damaged = Este archivo comprimido está dañado o incompleto, así que no lo descomprimí.
archive-unsupported = Este archivo está comprimido de una manera que no sé deshacer.
archive-unsafe = Este archivo comprimido contiene nombres o enlaces peligrosos, así que no lo descomprimí.
archive-empty = No hay ningún archivo dentro de este archivo comprimido.
archive-bomb = Descomprimido, este archivo sería muchísimo mayor que uno honrado, así que no lo hice.
archive-too-many-files = Este archivo comprimido contiene más archivos de los que puedo extraer.
archive-too-hard = Descomprimir este archivo lleva demasiado tiempo o memoria, así que lo dejé.
archive-no-room = No hay sitio suficiente en el disco para descomprimir este archivo.
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
file-changed = { $name } cambió o desapareció mientras se guardaba. Reintentar empieza de nuevo con lo que hay.
file-damaged = Lo que Telegram da de este archivo no es lo que se guardó. Otra copia, o la fuente, aún lo tiene.
account-lost = Telegram no me deja entrar por la puerta de los archivos grandes. Mi dueño lo ve con /health.
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
channel-removed = Me sacaron del canal de archivo. La persona dueña debe hacerme allí administrador con permiso para publicar; después, Reintentar continúa.
channel-not-admin = Ya no soy administrador del canal de archivo. La persona dueña debe volver a hacerme administrador con permiso para publicar; después, Reintentar continúa.
channel-may-not-post = Perdí el permiso para publicar en el canal de archivo. La persona dueña debe devolvérmelo; después, Reintentar continúa.
chat-closed = No puedo escribir en el chat donde va esto. Desbloquéame o déjame entrar otra vez; después, Reintentar continúa.
lost-in-channel = ⚠ En <b>{ $chat }</b>: { $why }
regained-in-channel = ✅ Puedo publicar otra vez en <b>{ $chat }</b>. Lo que había fallado allí continúa con Reintentar.
lost-group = Me sacaron del grupo <b>{ $chat }</b>. Los pedidos hechos allí siguen su curso; sus tarjetas ya no cambian.
telegram-refused = Telegram no acepta esto. El porqué está en mi registro.
telegram-away = Telegram no responde.
item-not-deliverable = Esto no está en el archivo.
copy-missing = Esto ya no está donde se archivó.
overdue-choosing = Nadie me dijo a tiempo qué contiene.
overdue-queued = El motor de descargas tardó demasiado.
overdue-inspecting = Mirar los archivos llevó demasiado tiempo.
overdue-previewing = Preparar las vistas previas llevó demasiado tiempo.
overdue-storing = Guardarlo en el archivo llevó demasiado tiempo.
