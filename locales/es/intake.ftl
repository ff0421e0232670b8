## Archivos antiguos que entran
intake-usage = Dime qué canal: <code>/intake @nombre</code> o <code>/intake https://t.me/c/123</code>. Leo lo que se publicó allí y lo pongo en la biblioteca, donde está.
intake-no-channel = Esto no es un canal. Escríbelo como @nombre, t.me/nombre o t.me/c/123.
intake-headline = 🗄 <b>{ $title }</b>
intake-looking = Estoy mirando el canal…
intake-opens = Cuando empieces, los miembros podrán encontrar y recibir todo lo que hay en él, y lo que se publique allí después. Allí no se publica ni se borra nada, ni por mí ni al detenerlo.
intake-history = Leo lo publicado hasta ahora, primero lo más nuevo: de cada archivo, solo el principio.
intake-no-history = Lo publicado hasta ahora no lo puedo leer: hace falta la cuenta de alguien que vea el canal (<code>magpie login</code>). Tomo lo que se publique desde ahora.
intake-no-admin = ⚠ No soy administrador de este canal: los miembros encuentran lo que hay, pero no puedo entregarlo ni me entero de lo nuevo. Hazme administrador: basta con un permiso cualquiera.
intake-nobody = No puedo leer este canal: no soy administrador, y ninguna cuenta mía lo ve.
intake-running = Estoy leyendo lo publicado, primero lo más nuevo.
intake-paused = En pausa.
intake-done = Hecho.
intake-stopped = Detenido: no tomo nada más. Lo que entró se queda en la biblioteca.
intake-closed = Cerrado: no tomo nada más, y solo el dueño y los administradores encuentran lo que entró.
intake-failed = Eso no salió bien.
intake-looked = { $looked ->
    [one] 1 archivo mirado, { $taken } en la biblioteca
   *[other] { $looked } archivos mirados, { $taken } en la biblioteca
}
intake-known = { $known } ya estaban en la biblioteca
intake-skipped = { $skipped } se quedan fuera: no hay nada en ellos
intake-untagged = { $untagged } sin sus etiquetas: no pude mirar dentro
intake-new-posts = Lo nuevo se toma según llega.
intake-not-handed-out = Esto está en un canal del que no soy administrador, así que no lo puedo entregar. Un administrador del canal puede cambiarlo.
intake-protected = ⚠ Este canal no deja guardar su contenido: los miembros encuentran lo que hay, pero no lo puedo entregar.
intake-waits = ⏳ { $why }
button-look-again = Mirar otra vez
button-close = Cerrarlo a los miembros
