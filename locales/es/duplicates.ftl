# /duplicates

command-duplicates = Obras que llegaron en varias codificaciones
help-duplicates = /duplicates — obras que están en la biblioteca en varias codificaciones: mira cuál es la mejor copia y júntalas
duplicates-in-private = Eso es solo para quienes administran: pregúntame en nuestro chat privado.
duplicates-headline = 🧬 <b>Varias codificaciones de la misma obra</b> · { $works ->
    [one] una obra
   *[other] { $works } obras
}
duplicates-decided = 🧬 <b>Ya decidido</b> · { $works ->
    [one] una obra
   *[other] { $works } obras
}
duplicates-none = 🧬 Ninguna obra está en la biblioteca en varias codificaciones, hasta donde dicen títulos, intérpretes, años y duraciones.
duplicates-none-decided = 🧬 Todavía no se ha decidido nada.
duplicates-line = { $number }. { $title } · { $how }
duplicates-work = 🧬 <b>{ $title }</b> · { $how }
duplicates-open = { $count ->
    [one] una codificación
   *[other] { $count } codificaciones
}
duplicates-merging = ⏳ se están juntando
duplicates-merged = juntas, { $count ->
    [one] una codificación
   *[other] { $count } codificaciones
}
duplicates-separating = ⏳ se están separando
duplicates-apart = no son la misma obra
duplicates-encoding = { $number }. { $facts } · <b>{ $points }</b>/100
duplicates-better = ★ { $number }. { $facts } · <b>{ $points }</b>/100
duplicates-why = <i>{ $reasons }</i>
duplicates-stands = ↳ se encuentra como número { $number }
duplicates-chosen = ↳ elegiste esta
duplicates-elsewhere = Para que la vean otras personas, así que se queda como está: { $encodings }
duplicates-torn = Dijiste que algunas no son la misma. Elige a cuál pertenecen las demás.
duplicates-gone = Ya no se muestran juntas: falta una, o alguien decidió.
duplicates-changed = Eso ha cambiado mientras tanto. Míralo otra vez.
duplicates-ask-merge = ¿Quedarse con <b>{ $title }</b> ({ $facts }) y que represente { $count ->
    [one] a la otra
   *[other] a las otras { $count }
}?
    La biblioteca mostrará entonces solo esta, con las etiquetas de todas. No se borra nada: los enlaces y botones de antes siguen sirviendo, y sus detalles ofrecen también { $count ->
    [one] la otra
   *[other] las otras
}. Se pueden volver a separar.
duplicates-ask-separate = ¿Separar lo que se juntó en <b>{ $title }</b>? La biblioteca volverá a mostrar { $count ->
    [one] la otra codificación
   *[other] las otras { $count }
}. Las etiquetas, los favoritos y los sitios en colecciones se quedan con esta.
reason-episodes = { $own } de { $total ->
    [one] un episodio
   *[other] { $total } episodios
}
reason-tracks = { $own } de { $total ->
    [one] una pista
   *[other] { $total } pistas
}
reason-length = solo { $own } de { $total }
reason-resolution = { $own }p en vez de { $other }p
reason-rate = { $own }, las otras { $other }
reason-rate-lossless = sin pérdida, las otras { $other } (esta { $own })
reason-subtitles = subtítulos: { $languages }
reason-no-subtitles = sin subtítulos
reason-posts = { $total ->
    [one] falta { $own } de una publicación
   *[other] faltan { $own } de { $total } publicaciones
}
rate-megabits = { $rate } Mbit/s
rate-kilobits = { $rate } kbit/s
button-duplicates-open = Por decidir ({ $count })
button-duplicates-decided = Ya decidido ({ $count })
button-get-number = Recibir { $number }
button-keep-number = ★ { $number }
button-merge = Juntar en ★ { $number }
button-merge-yes = Sí, juntarlas
button-leave = No, dejarlo así
button-part = No son la misma
button-rejoin = Sí son la misma
button-separate = Separar
button-separate-yes = Sí, separarlas
library-also = 🧬 También está: { $encodings }
button-get-encoding = Recibir { $facts }
